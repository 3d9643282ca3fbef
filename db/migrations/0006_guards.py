from tortoise import migrations
from tortoise.migrations import operations as ops

from db.guards import SAYING


async def add_guards(apps, schema_editor):
    for statement in SAYING:
        await schema_editor.client.execute_script(statement)


class Migration(migrations.Migration):
    dependencies = [("zhiji", "0005_right_thing")]
    initial = False
    operations = [ops.RunPython(add_guards)]

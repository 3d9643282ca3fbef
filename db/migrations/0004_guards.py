from tortoise import migrations
from tortoise.migrations import operations as ops

from db.guards import knowing


async def add_guards(apps, schema_editor):
    for statement in knowing(schema_editor.DIALECT):
        await schema_editor.client.execute_script(statement)


class Migration(migrations.Migration):
    dependencies = [("zhiji", "0003_knowing_members")]
    initial = False
    operations = [ops.RunPython(add_guards)]

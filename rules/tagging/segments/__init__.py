"""The language of segments and tag rules: text > tree (parser) > checked tree (check) > SQL (db/tagging)."""

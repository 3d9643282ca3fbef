"""Importing files of orders, goods and members: `tables` reads them, `sorting` says what became of each row, `orders`,
`products` and `members` write them, `report` lists what was refused, `run` conducts.
"""

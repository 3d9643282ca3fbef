"""The classifier of plain messages: its labelled lines, its test set, and the script that trains it.

The bot itself uses only rules/voices/classifier.py and reads model.json; nothing else imports this package.
"""

"""What the parties do with each other's data, every question asked under the rules.

One module a use case: its views and their policies, its query, and the table of its answers.
``sharing`` says who shares what and opens the room.
"""

"""What events and orders tell of the same sales, held against each other.

``reconcile`` finds classes in what the warehouse has, and knows nothing of causes;
``reconciled`` is the table of its findings, ``scores`` holds them against the answer sheet,
``overview`` draws them.
"""

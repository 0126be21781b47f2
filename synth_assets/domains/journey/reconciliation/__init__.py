"""The reconciliation: compares the purchase events with the backend's orders.

``reconcile`` assigns classes to the records in the warehouse, without knowledge of causes.
``plots`` draws its statistics. Results and their scores against the ground truth are in ``tables``.
"""

"""Where events are sent: ``stdout``, ``http``, ``kafka`` and ``postgres``, behind one protocol."""

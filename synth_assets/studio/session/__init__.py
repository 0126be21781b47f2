"""The script of a session, in a folder of its own.

Streamlit takes a folder ``pages`` beside its script for scripts, and would run a page without the
rest of the studio, its password included.
"""

"""Removal of a table's folder, on a disk or in an object store.

What is in the folder is the business of each store; nothing here knows a table.
"""

from __future__ import annotations

from pyarrow import fs


def remove_empty(files: fs.FileSystem, path: str) -> None:
    """Removes a folder with its folders; it stays if there is any file in it.

    Args:
        files: The file system.
        path: The folder in it; it need not exist.
    """
    below = files.get_file_info(fs.FileSelector(path, recursive=True, allow_not_found=True))
    if not any(info.is_file for info in below):
        remove_folder(files, path)


def remove_folder(files: fs.FileSystem, path: str) -> None:
    """Removes a folder with all that is in it.

    Args:
        files: The file system.
        path: The folder in it; it need not exist.
    """
    if files.get_file_info(path).type == fs.FileType.Directory:
        files.delete_dir(path)

/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef WEIR_BASE_FILE_REPLACE_H
#define WEIR_BASE_FILE_REPLACE_H

// Write text as the whole content of the file at path, mode 0600, with the owner of the file that is
// there: beside it, synced, and then under its name, so that after a crash there is the old content
// or the new one. Blocks for the disk; any thread. 0 or -errno.
int file_replace(const char *path, const char *text);

#endif

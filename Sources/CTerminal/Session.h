#ifndef CTERMINAL_SESSION_H
#define CTERMINAL_SESSION_H

#include <stdbool.h>
#include <stddef.h>

// Keys of ours that terminfo does not name, far above those that ncurses numbers itself after KEY_MAX.
enum { keyMouse = 20001, keyPasteBegin, keyPasteEnd };

/// Whether the terminal that was set up last has a string capability.
bool Terminfo_has(const char *name);

/// What puts the terminal back: `modes`, keypad, attributes, colours, cursor, screen. Answers its length.
size_t Terminfo_restoreText(const char *modes, bool hasColors, char *text, size_t capacity);

#endif

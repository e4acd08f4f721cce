#define NCURSES_WIDECHAR 1

#include <curses.h>
#include <string.h>

#include "CTerminal.h"
#include "Session.h"

typedef struct {
    const char *name;
    int code;
} NamedKey;

// The first letters of xterm's extended names; a digit after them says the modifiers: kLFT5 is Ctrl-Left.
static const NamedKey namedKeys[] = {
    {"kUP", CTerminal_keyUp},        {"kDN", CTerminal_keyDown},    {"kLFT", CTerminal_keyLeft},
    {"kRIT", CTerminal_keyRight},    {"kHOM", CTerminal_keyHome},   {"kEND", CTerminal_keyEnd},
    {"kPRV", CTerminal_keyPageUp},   {"kNXT", CTerminal_keyPageDown}, {"kIC", CTerminal_keyInsert},
    {"kDC", CTerminal_keyDelete},
};

// xterm's modifier digit less one: 1 shift, 2 alt, 4 control. Shift alone has no digit.
static int extendedKey(int key, int *modifiers) {
    const char *name = keyname(key);
    if (name == NULL) return 0;
    for (size_t index = 0; index < sizeof namedKeys / sizeof *namedKeys; index++) {
        size_t length = strlen(namedKeys[index].name);
        if (strncmp(name, namedKeys[index].name, length) != 0) continue;
        char digit = name[length];
        if (digit == 0) {
            *modifiers = 1;
        } else if (digit >= '2' && digit <= '8' && name[length + 1] == 0) {
            *modifiers = digit - '1';
        } else {
            continue;
        }
        return namedKeys[index].code;
    }
    return 0;
}

int CTerminal_keyCode(int key) {
    int modifiers = 0;
    if (key > KEY_F0 && key <= KEY_F(63)) return CTerminal_keyFunction + (key - KEY_F0 - 1) % 12 + 1;
    switch (key) {
    case KEY_UP:
    case KEY_SR: return CTerminal_keyUp;
    case KEY_DOWN:
    case KEY_SF: return CTerminal_keyDown;
    case KEY_LEFT:
    case KEY_SLEFT: return CTerminal_keyLeft;
    case KEY_RIGHT:
    case KEY_SRIGHT: return CTerminal_keyRight;
    case KEY_HOME:
    case KEY_SHOME:
    case KEY_A1:
    case KEY_FIND: return CTerminal_keyHome;
    case KEY_END:
    case KEY_SEND:
    case KEY_C1:
    case KEY_SELECT: return CTerminal_keyEnd;
    case KEY_PPAGE:
    case KEY_SPREVIOUS:
    case KEY_A3: return CTerminal_keyPageUp;
    case KEY_NPAGE:
    case KEY_SNEXT:
    case KEY_C3: return CTerminal_keyPageDown;
    case KEY_IC:
    case KEY_SIC: return CTerminal_keyInsert;
    case KEY_DC:
    case KEY_SDC: return CTerminal_keyDelete;
    case KEY_BACKSPACE: return CTerminal_keyBackspace;
    case KEY_ENTER: return CTerminal_keyEnter;
    case KEY_BTAB: return CTerminal_keyBackTab;
    case keyMouse: return CTerminal_keyMouse;
    case keyPasteBegin: return CTerminal_keyPasteBegin;
    case keyPasteEnd: return CTerminal_keyPasteEnd;
    default: return extendedKey(key, &modifiers);
    }
}

int CTerminal_keyModifiers(int key) {
    int modifiers = 0;
    if (key > KEY_F0 && key <= KEY_F(63)) {
        // As xterm numbers them: F13 is Shift-F1, F25 Ctrl-F1, F37 Ctrl-Shift-F1, F49 Alt-F1, F61 Alt-Shift-F1.
        static const int twelfths[] = {0, 1, 4, 5, 2, 3};
        return twelfths[(key - KEY_F0 - 1) / 12];
    }
    switch (key) {
    case KEY_SR:
    case KEY_SF:
    case KEY_SLEFT:
    case KEY_SRIGHT:
    case KEY_SHOME:
    case KEY_SEND:
    case KEY_SPREVIOUS:
    case KEY_SNEXT:
    case KEY_SIC:
    case KEY_SDC: return 1;
    default: break;
    }
    if (key > KEY_MAX && key < keyMouse) extendedKey(key, &modifiers);
    return modifiers;
}

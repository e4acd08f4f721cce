#define NCURSES_WIDECHAR 1

// term.h defines macros with the plainest of names, so it is kept to this file.
#include <curses.h>
#include <string.h>
#include <term.h>
#include <unistd.h>

#include "CTerminal.h"
#include "Session.h"

bool Terminfo_has(const char *name) {
    const char *value = tigetstr(name);
    return value != NULL && value != (char *)-1 && *value != 0;
}

int CTerminal_checkType(const char *type) {
    if (cur_term != NULL) return CTerminal_alreadyOpen;
    int status = 0;
    if (setupterm(type, STDOUT_FILENO, &status) == ERR) {
        return status == 1 ? CTerminal_tooSimple : CTerminal_unknownType;
    }
    bool isEnough = Terminfo_has("cup") && Terminfo_has("clear");
    del_curterm(cur_term);
    return isEnough ? CTerminal_opened : CTerminal_tooSimple;
}

static char *collected;
static size_t collectedCount;
static size_t collectedCapacity;

static int collect(int character) {
    if (collectedCount < collectedCapacity) collected[collectedCount++] = (char)character;
    return character;
}

static void collectCapability(const char *name) {
    if (Terminfo_has(name)) tputs(tigetstr(name), 1, collect);
}

size_t Terminfo_restoreText(const char *modes, bool hasColors, char *text, size_t capacity) {
    collected = text;
    collectedCount = 0;
    collectedCapacity = capacity;
    while (*modes != 0) collect(*modes++);
    collectCapability("rmkx");
    collectCapability("sgr0");
    if (hasColors) collectCapability("op");
    collectCapability("cnorm");
    collectCapability("rmcup");
    collect('\r');
    return collectedCount;
}

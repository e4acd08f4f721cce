#define _GNU_SOURCE
#define NCURSES_WIDECHAR 1

#include "CTerminal.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "CrashHandler.h"
#include "Session.h"

static SCREEN *screen;
static WINDOW *input;
static char restoreText[1024];
static size_t restoreCount;
static struct termios found;
static bool isActive;
static bool hasColors;
static bool hasDefaultColors;
static bool hasMouse;
static bool hasPaste;

// Presses, releases and the wheel, in decimal coordinates: xterm's 1000 with 1006. Off in the reverse order.
static const char mouseOn[] = "\033[?1000h\033[?1006h";
static const char mouseOff[] = "\033[?1006l\033[?1000l";
static const char pasteOn[] = "\033[?2004h";
static const char pasteOff[] = "\033[?2004l";

bool CTerminal_setCharacterSet(void) {
    // LC_CTYPE alone: a decimal comma would reach every parser of numbers in the process.
    if (setlocale(LC_CTYPE, "") == NULL) setlocale(LC_CTYPE, "C");
    const char *set = nl_langinfo(CODESET);
    if (strcmp(set, "UTF-8") == 0) return true;
    if (strcmp(set, "ANSI_X3.4-1968") != 0 && strcmp(set, "US-ASCII") != 0) return false;
    return setlocale(LC_CTYPE, "C.UTF-8") != NULL || setlocale(LC_CTYPE, "C.utf8") != NULL;
}

// MARK: - What puts the terminal back

static void prepareRestore(void) {
    char modes[64];
    snprintf(modes, sizeof modes, "%s%s", hasMouse ? mouseOff : "", hasPaste ? pasteOff : "");
    restoreCount = Terminfo_restoreText(modes, hasColors, restoreText, sizeof restoreText);
    CrashHandler_arm(restoreText, restoreCount, &found);
}

static void writeAll(const char *text, size_t count) {
    while (count > 0) {
        ssize_t written = write(STDOUT_FILENO, text, count);
        if (written < 0) {
            if (errno == EINTR) continue;
            return;
        }
        text += written;
        count -= (size_t)written;
    }
}

static void writeModes(bool on) {
    if (hasMouse) writeAll(on ? mouseOn : mouseOff, strlen(on ? mouseOn : mouseOff));
    if (hasPaste) writeAll(on ? pasteOn : pasteOff, strlen(on ? pasteOn : pasteOff));
}

// A process in the background may put the terminal's modes back only with this signal out of the way.
static void setModes(const struct termios *modes) {
    sigset_t only, before;
    sigemptyset(&only);
    sigaddset(&only, SIGTTOU);
    pthread_sigmask(SIG_BLOCK, &only, &before);
    while (tcsetattr(STDIN_FILENO, TCSADRAIN, modes) == -1 && errno == EINTR) {}
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

// MARK: - The session

static void begin(void) {
    cbreak();
    noecho();
    nonl();
    struct termios modes;
    if (tcgetattr(STDIN_FILENO, &modes) == 0) {
        // Ctrl-S would stop the picture, Ctrl-V and Ctrl-O would swallow keys.
        modes.c_iflag &= ~(tcflag_t)(IXON | IXOFF);
        modes.c_lflag &= ~(tcflag_t)IEXTEN;
        tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
        def_prog_mode();
    }
}

int CTerminal_open(bool colors, bool mouse) {
    if (screen != NULL) return CTerminal_alreadyOpen;
    if (tcgetattr(STDIN_FILENO, &found) != 0) return CTerminal_failed;
    // ncurses installs handlers of its own, which would draw from inside a signal.
    static const int handled[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
    struct sigaction before[sizeof handled / sizeof *handled];
    for (size_t index = 0; index < sizeof handled / sizeof *handled; index++) {
        sigaction(handled[index], NULL, &before[index]);
    }
    set_escdelay(25);
    screen = newterm(NULL, stdout, stdin);
    for (size_t index = 0; index < sizeof handled / sizeof *handled; index++) {
        sigaction(handled[index], &before[index], NULL);
    }
    if (screen == NULL) return CTerminal_failed;
    isActive = true;
    hasMouse = mouse && Terminfo_has("kmous");
    hasPaste = Terminfo_has("BE");
    hasColors = colors && has_colors() && start_color() == OK;
    hasDefaultColors = hasColors && use_default_colors() == OK;
    prepareRestore();
    begin();
    // A pad: reading from a window would refresh that window first.
    input = newpad(1, 1);
    if (input == NULL) {
        CTerminal_close();
        return CTerminal_failed;
    }
    keypad(input, TRUE);
    meta(input, TRUE);
    nodelay(input, TRUE);
    keyok(KEY_MOUSE, FALSE);
    if (hasMouse) define_key("\033[<", keyMouse);
    if (hasPaste) {
        define_key("\033[200~", keyPasteBegin);
        define_key("\033[201~", keyPasteEnd);
    }
    leaveok(stdscr, FALSE);
    idlok(stdscr, FALSE);
    scrollok(stdscr, FALSE);
    curs_set(0);
    clearok(stdscr, TRUE);
    wnoutrefresh(stdscr);
    doupdate();
    writeModes(true);
    return CTerminal_opened;
}

void CTerminal_suspend(void) {
    if (screen == NULL || !isActive) return;
    writeModes(false);
    curs_set(1);
    endwin();
    setModes(&found);
    isActive = false;
    CrashHandler_disarm();
}

static void takeAgain(void) {
    reset_prog_mode();
    curs_set(0);
    clearok(curscr, TRUE);
    wnoutrefresh(stdscr);
    doupdate();
    writeModes(true);
}

void CTerminal_resume(void) {
    if (screen == NULL || isActive) return;
    // What the shell did to the modes meanwhile is what the end has to put back.
    tcgetattr(STDIN_FILENO, &found);
    isActive = true;
    CrashHandler_arm(restoreText, restoreCount, &found);
    takeAgain();
}

void CTerminal_reassert(void) {
    if (screen == NULL || !isActive) return;
    writeModes(false);
    endwin();
    takeAgain();
}

void CTerminal_close(void) {
    if (screen == NULL) return;
    CTerminal_suspend();
    if (input != NULL) delwin(input);
    input = NULL;
    delscreen(screen);
    screen = NULL;
    hasColors = false;
}

void CTerminal_windowSize(int *rowCount, int *columnCount) {
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0) {
        *rowCount = size.ws_row;
        *columnCount = size.ws_col;
    } else if (screen != NULL) {
        getmaxyx(stdscr, *rowCount, *columnCount);
    } else {
        *rowCount = 24;
        *columnCount = 80;
    }
}

void CTerminal_resize(int rowCount, int columnCount) {
    if (screen == NULL) return;
    resizeterm(rowCount, columnCount);
    werase(stdscr);
    clearok(stdscr, TRUE);
}

// MARK: - Colours

int CTerminal_colorCount(void) { return hasColors ? COLORS : 0; }
int CTerminal_pairLimit(void) { return hasColors ? COLOR_PAIRS : 0; }
bool CTerminal_hasDefaultColors(void) { return hasDefaultColors; }

bool CTerminal_setPair(int pair, int foreground, int background) {
    return init_extended_pair(pair, foreground, background) == OK;
}

// MARK: - Drawing

static attr_t attributesOf(uint16_t attributes) {
    attr_t result = A_NORMAL;
    if (attributes & CTerminal_bold) result |= A_BOLD;
    if (attributes & CTerminal_dim) result |= A_DIM;
    if (attributes & CTerminal_underline) result |= A_UNDERLINE;
    if (attributes & CTerminal_reverse) result |= A_REVERSE;
    if (attributes & CTerminal_italic) result |= A_ITALIC;
    return result;
}

void CTerminal_put(int row, int column, const CTerminal_Cell *cells, int count) {
    if (screen == NULL) return;
    enum { batch = 128 };
    cchar_t characters[batch];
    while (count > 0) {
        int used = 0;
        int columns = 0;
        while (used < batch && used < count) {
            const CTerminal_Cell *cell = &cells[used];
            wchar_t text[5] = {0};
            for (int index = 0; index < cell->count && index < 4; index++) text[index] = (wchar_t)cell->text[index];
            int pair = cell->pair;
            if (text[0] >= 0x80 && wcwidth(text[0]) != cell->width) {
                // This C library does not know the character: what it draws would shift the row.
                wmemset(text, 0, 5);
                text[0] = L'?';
            }
            if (setcchar(&characters[used], text, attributesOf(cell->attributes), 0, &pair) != OK) {
                wchar_t unknown[] = L"?";
                setcchar(&characters[used], unknown, A_NORMAL, 0, NULL);
            }
            used++;
            columns += cell->width;
            // Nor does what stands for it: the rest of the row goes to its own place.
            if (text[0] == L'?' && cell->width == 2) break;
        }
        mvwadd_wchnstr(stdscr, row, column, characters, used);
        column += columns;
        cells += used;
        count -= used;
    }
}

void CTerminal_forget(void) {
    if (screen == NULL) return;
    werase(stdscr);
    clearok(stdscr, TRUE);
}

void CTerminal_show(int cursorRow, int cursorColumn) {
    if (screen == NULL || !isActive) return;
    bool isVisible = cursorRow >= 0 && cursorColumn >= 0 && wmove(stdscr, cursorRow, cursorColumn) == OK;
    wnoutrefresh(stdscr);
    doupdate();
    static const int hidden = 0, normal = 1;
    curs_set(isVisible ? normal : hidden);
}

void CTerminal_send(const uint8_t *bytes, size_t count) {
    if (screen == NULL || !isActive) return;
    writeAll((const char *)bytes, count);
}

// MARK: - Keys

int CTerminal_read(void) {
    if (input == NULL) return -1;
    int value = wgetch(input);
    return value == ERR ? -1 : value;
}

int CTerminal_columns(uint32_t scalar) { return wcwidth((wchar_t)scalar); }

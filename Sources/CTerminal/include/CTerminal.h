#ifndef CTERMINAL_H
#define CTERMINAL_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What rabbittop needs of ncurses and of signal handling, with plain types. One terminal at a time, and
// everything except the crash handler on one thread.

/// One character to draw: a base with at most three combining marks.
typedef struct {
    uint32_t text[4];
    uint8_t count;
    /// 1 or 2 columns.
    uint8_t width;
    uint16_t attributes;
    int32_t pair;
} CTerminal_Cell;

enum {
    CTerminal_bold = 1,
    CTerminal_dim = 2,
    CTerminal_underline = 4,
    CTerminal_reverse = 8,
    CTerminal_italic = 16,
};

/// Why a terminal could not be opened.
enum {
    CTerminal_opened = 0,
    CTerminal_unknownType = 1,
    CTerminal_tooSimple = 2,
    CTerminal_failed = 3,
    CTerminal_alreadyOpen = 4,
};

/// Takes the character set from the environment, or C.UTF-8 where that says no more than ASCII.
/// Answers whether it is UTF-8. Numbers and messages stay those of the C locale.
bool CTerminal_setCharacterSet(void);

/// Whether terminfo knows this type of terminal, and it can move its cursor and clear its screen.
int CTerminal_checkType(const char *type);

/// Begins on standard input and output: alternate screen, no echo, keys at once. `mouse`: report the mouse.
/// From here on until the end a crash puts the terminal back first.
int CTerminal_open(bool colors, bool mouse);

/// Puts the terminal back as it was found and, unless it is to go on later, frees what it took.
/// Does nothing where that is done already.
void CTerminal_suspend(void);
/// Takes the terminal again after CTerminal_suspend.
void CTerminal_resume(void);
/// Sets everything up again where somebody else may have changed it, as after SIGSTOP.
void CTerminal_reassert(void);
void CTerminal_close(void);

/// Rows and columns as the kernel knows them now, or as terminfo says.
void CTerminal_windowSize(int *rowCount, int *columnCount);

/// Tells ncurses the size, and that nothing on the screen is as it was.
void CTerminal_resize(int rowCount, int columnCount);

/// 0 where the terminal has no colours or they are switched off.
int CTerminal_colorCount(void);
int CTerminal_pairLimit(void);
/// Whether -1 can stand for the terminal's own colours.
bool CTerminal_hasDefaultColors(void);
bool CTerminal_setPair(int pair, int foreground, int background);

/// Puts characters side by side from this place on; on the screen with CTerminal_show.
void CTerminal_put(int row, int column, const CTerminal_Cell *cells, int count);
/// Forgets what is on the screen: the next CTerminal_show clears and draws all.
void CTerminal_forget(void);
/// Writes the changes to the terminal. A cursor outside of the screen is hidden.
void CTerminal_show(int cursorRow, int cursorColumn);
/// Writes an escape sequence that leaves the screen as it is.
void CTerminal_send(const uint8_t *bytes, size_t count);

/// The next byte (0...255) or key (256 and on) that has come in, or -1 for none.
/// Waits at most 25 ms, after an Escape, for what may follow it.
int CTerminal_read(void);
/// A key of terminfo as an arrow or the like: one of the codes below, or 0 for none of them.
int CTerminal_keyCode(int key);
/// The modifiers of a key: shift 1, alt 2, control 4.
int CTerminal_keyModifiers(int key);

enum {
    CTerminal_keyUp = 1,
    CTerminal_keyDown,
    CTerminal_keyLeft,
    CTerminal_keyRight,
    CTerminal_keyHome,
    CTerminal_keyEnd,
    CTerminal_keyPageUp,
    CTerminal_keyPageDown,
    CTerminal_keyInsert,
    CTerminal_keyDelete,
    CTerminal_keyBackspace,
    CTerminal_keyEnter,
    CTerminal_keyBackTab,
    CTerminal_keyMouse,
    CTerminal_keyPasteBegin,
    CTerminal_keyPasteEnd,
    /// F1 is one more.
    CTerminal_keyFunction = 100,
};

/// The signals that end a process which does not handle them, except for those of a crash, KILL, PIPE and XFSZ.
void CTerminal_endingSignals(sigset_t *set);
/// The signals that the session reads through its signalfd: those that end it, WINCH, TSTP and CONT.
void CTerminal_sessionSignals(sigset_t *set);
/// A descriptor that becomes readable with the first ending signal, and with each after it; -1 with errno. From then
/// on they do not end the process. The same one each time.
int CTerminal_openInterruption(void);
/// Ends the process by the default action of a signal. Returns only where that is none.
void CTerminal_endBySignal(int number);
/// Stops the process as Ctrl-Z does, with the default action; returns when it was continued.
void CTerminal_stopProcess(void);

/// Descriptors that become readable with a session signal, and when CTerminal_signalEvent was called; -1 with
/// errno. Reading answers at once: the number of a signal or 0, and nothing.
int CTerminal_openSignals(void);
int CTerminal_readSignal(int descriptor);
int CTerminal_openEvent(void);
void CTerminal_signalEvent(int descriptor);
void CTerminal_clearEvent(int descriptor);

/// The columns of a scalar in the current locale.
int CTerminal_columns(uint32_t scalar);

#endif

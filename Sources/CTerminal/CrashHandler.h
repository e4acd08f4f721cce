#ifndef CTERMINAL_CRASH_HANDLER_H
#define CTERMINAL_CRASH_HANDLER_H

#include <stddef.h>
#include <termios.h>

/// From now on a crash writes this text to standard output and sets these modes on standard input before the
/// process ends by the signal's default action. Both are copied.
void CrashHandler_arm(const char *text, size_t count, const struct termios *modes);

/// The terminal is as it was found: a crash leaves it alone.
void CrashHandler_disarm(void);

#endif

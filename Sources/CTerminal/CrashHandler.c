#define _GNU_SOURCE

#include "CrashHandler.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

// Swift's own backtracer would wait for an answer on a terminal that shows the alternate screen without echo,
// so these end in the default action whatever was installed before.
static const int crashSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGSYS};

static char restoreText[1024];
static size_t restoreCount;
static struct termios restoreModes;
static volatile sig_atomic_t isArmed;

// Only what POSIX calls async-signal-safe.
static void handleCrash(int signalNumber) {
    if (isArmed) {
        isArmed = 0;
        sigset_t only;
        sigemptyset(&only);
        sigaddset(&only, SIGTTOU);
        pthread_sigmask(SIG_BLOCK, &only, NULL);
        size_t written = 0;
        while (written < restoreCount) {
            ssize_t count = write(STDOUT_FILENO, restoreText + written, restoreCount - written);
            if (count < 0 && errno == EINTR) continue;
            if (count <= 0) break;
            written += (size_t)count;
        }
        tcsetattr(STDIN_FILENO, TCSANOW, &restoreModes);
    }
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigemptyset(&standard.sa_mask);
    sigaction(signalNumber, &standard, NULL);
    // Blocked while this handler runs: it takes effect when the handler returns.
    raise(signalNumber);
}

static void install(void) {
    // A stack of its own, so that running out of stack is a crash like the others. It belongs to the thread
    // that opened the terminal; the others run this handler on their own stack.
    static char stack[64 * 1024];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
    struct sigaction action = {.sa_handler = handleCrash, .sa_flags = SA_ONSTACK};
    sigfillset(&action.sa_mask);
    for (size_t index = 0; index < sizeof crashSignals / sizeof *crashSignals; index++) {
        sigaction(crashSignals[index], &action, NULL);
    }
}

void CrashHandler_arm(const char *text, size_t count, const struct termios *modes) {
    static bool isInstalled;
    isArmed = 0;
    restoreCount = count < sizeof restoreText ? count : sizeof restoreText;
    memcpy(restoreText, text, restoreCount);
    restoreModes = *modes;
    if (!isInstalled) install();
    isInstalled = true;
    isArmed = 1;
}

void CrashHandler_disarm(void) { isArmed = 0; }

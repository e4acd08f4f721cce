#define _GNU_SOURCE

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "CTerminal.h"

void CTerminal_endingSignals(sigset_t *set) {
    static const int numbers[] = {
        SIGINT,  SIGTERM,   SIGHUP,  SIGQUIT, SIGUSR1, SIGUSR2,   SIGALRM,
        SIGPROF, SIGVTALRM, SIGXCPU, SIGIO,   SIGPWR,  SIGSTKFLT,
    };
    sigemptyset(set);
    for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) sigaddset(set, numbers[index]);
    // The C library keeps those below SIGRTMIN for itself.
    for (int number = SIGRTMIN; number <= SIGRTMAX; number++) sigaddset(set, number);
}

void CTerminal_sessionSignals(sigset_t *set) {
    CTerminal_endingSignals(set);
    sigaddset(set, SIGWINCH);
    sigaddset(set, SIGTSTP);
    sigaddset(set, SIGCONT);
}

static volatile sig_atomic_t interruptionEvent = -1;

static void noteInterruption(int number) {
    (void)number;
    int before = errno;
    if (interruptionEvent >= 0) CTerminal_signalEvent((int)interruptionEvent);
    errno = before;
}

int CTerminal_openInterruption(void) {
    if (interruptionEvent >= 0) return (int)interruptionEvent;
    interruptionEvent = CTerminal_openEvent();
    if (interruptionEvent < 0) return -1;
    sigset_t set;
    CTerminal_endingSignals(&set);
    struct sigaction action = {.sa_handler = noteInterruption, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    for (int number = 1; number <= SIGRTMAX; number++) {
        if (sigismember(&set, number) != 1) continue;
        struct sigaction before;
        // nohup starts a program that is to outlive its terminal.
        if (number == SIGHUP && sigaction(number, NULL, &before) == 0 && before.sa_handler == SIG_IGN) continue;
        sigaction(number, &action, NULL);
    }
    return (int)interruptionEvent;
}

void CTerminal_endBySignal(int number) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigset_t only;
    sigemptyset(&standard.sa_mask);
    sigaction(number, &standard, NULL);
    sigemptyset(&only);
    sigaddset(&only, number);
    pthread_sigmask(SIG_UNBLOCK, &only, NULL);
    raise(number);
}

void CTerminal_stopProcess(void) {
    struct sigaction standard = {.sa_handler = SIG_DFL};
    struct sigaction before;
    sigset_t only, mask;
    sigemptyset(&standard.sa_mask);
    sigaction(SIGTSTP, &standard, &before);
    sigemptyset(&only);
    sigaddset(&only, SIGTSTP);
    pthread_sigmask(SIG_UNBLOCK, &only, &mask);
    // Every other thread blocks the signal, so it is delivered to this one before kill returns.
    kill(getpid(), SIGTSTP);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGTSTP, &before, NULL);
}

int CTerminal_openSignals(void) {
    sigset_t set;
    CTerminal_sessionSignals(&set);
    return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

int CTerminal_readSignal(int descriptor) {
    struct signalfd_siginfo information;
    if (read(descriptor, &information, sizeof information) != (ssize_t)sizeof information) return 0;
    return (int)information.ssi_signo;
}

int CTerminal_openEvent(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

void CTerminal_signalEvent(int descriptor) {
    uint64_t one = 1;
    // It fails only when the counter is full, and then the descriptor is readable already.
    ssize_t written = write(descriptor, &one, sizeof one);
    (void)written;
}

void CTerminal_clearEvent(int descriptor) {
    uint64_t count;
    ssize_t taken = read(descriptor, &count, sizeof count);
    (void)taken;
}

#define _GNU_SOURCE

#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "CTerminal.h"

void CTerminal_sessionSignals(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
    sigaddset(set, SIGQUIT);
    sigaddset(set, SIGWINCH);
    sigaddset(set, SIGTSTP);
    sigaddset(set, SIGCONT);
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

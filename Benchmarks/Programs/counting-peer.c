/* counting-peer [--size BYTES] [--ack-every N]
 *
 * A peer for AMQP clients whose own speed is to be seen: it speaks the handshake, counts what is published, confirms it
 * in multiples, and delivers made-up messages to a consumer as fast as its prefetch allows. It keeps nothing, so that it
 * costs next to nothing. One connection at a time, one channel, one consumer.
 *
 * Prints {"port":N} when it listens on 127.0.0.1, and a line of counts when a connection has ended. Ends by a signal.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FRAME_METHOD = 1, FRAME_HEADER = 2, FRAME_BODY = 3, FRAME_HEARTBEAT = 8, FRAME_END = 0xCE };
enum { FRAME_MAX = 131072, INPUT = 512 << 10, OUTPUT = 256 << 10 };

/* Bytes that are worth waking up for once messages move; below that it looks every millisecond. */
enum { WORTHWHILE = 8 << 10, TICK_MS = 1 };

#define METHOD(class, number) ((uint32_t)(class) << 16 | (number))

static uint64_t delivered_size = 100;
static uint64_t ack_every = 100;

struct peer {
    int fd;
    bool ended;
    uint16_t channel;

    /* What was read and not understood yet, and how much of a body's frame is still to be passed over. */
    uint8_t *input;
    size_t held;
    uint64_t passing;
    uint64_t body_missing;
    bool in_body;

    /* What is to be written. */
    uint8_t *output;
    size_t output_start, output_end;

    bool confirming;
    uint64_t published, published_bytes, confirmed;

    bool consuming, without_acks;
    uint16_t prefetch;
    uint64_t delivered, acked;
    /* One delivery with all its frames; only its tag changes. A large one is written from here. */
    uint8_t *message;
    size_t message_size, message_tag_at, message_written;
    bool writing_message;
};

/* Whoever started it is done. */
static void finish(int signal) {
    (void)signal;
    _exit(0);
}

static void die(const char *what) {
    fprintf(stderr, "counting-peer: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void *allocate(size_t size) {
    void *memory = malloc(size);
    if (memory == NULL) die("memory");
    return memory;
}

/* --- Bytes ------------------------------------------------------------------------------------------------------ */

static uint16_t get16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static uint32_t get32(const uint8_t *p) { return (uint32_t)get16(p) << 16 | get16(p + 2); }
static uint64_t get64(const uint8_t *p) { return (uint64_t)get32(p) << 32 | get32(p + 4); }

static uint8_t *put8(uint8_t *p, uint8_t v) {
    *p = v;
    return p + 1;
}
static uint8_t *put16(uint8_t *p, uint16_t v) { return put8(put8(p, v >> 8), (uint8_t)v); }
static uint8_t *put32(uint8_t *p, uint32_t v) { return put16(put16(p, v >> 16), (uint16_t)v); }
static uint8_t *put64(uint8_t *p, uint64_t v) { return put32(put32(p, v >> 32), (uint32_t)v); }
static uint8_t *put_bytes(uint8_t *p, const void *bytes, size_t size) {
    memcpy(p, bytes, size);
    return p + size;
}
static uint8_t *put_short(uint8_t *p, const void *bytes, uint8_t size) { return put_bytes(put8(p, size), bytes, size); }
static uint8_t *put_long(uint8_t *p, const char *text) {
    return put_bytes(put32(p, (uint32_t)strlen(text)), text, strlen(text));
}

/* --- Writing ---------------------------------------------------------------------------------------------------- */

static size_t room(struct peer *peer) { return OUTPUT - peer->output_end; }

/* Begins a method's frame; `end_frame` is given what this returns. */
static uint8_t *begin_method(struct peer *peer, uint16_t channel, uint32_t method) {
    uint8_t *frame = peer->output + peer->output_end;
    return put32(put32(put16(put8(frame, FRAME_METHOD), channel), 0), method);
}

static void end_frame(struct peer *peer, uint8_t *end) {
    uint8_t *frame = peer->output + peer->output_end;
    put32(frame + 3, (uint32_t)(end - frame - 7));
    peer->output_end = (size_t)(put8(end, FRAME_END) - peer->output);
}

static void answer(struct peer *peer, uint16_t channel, uint32_t method) {
    end_frame(peer, begin_method(peer, channel, method));
}

static void confirm(struct peer *peer) {
    if (peer->confirmed == peer->published || room(peer) < 64) return;
    uint8_t *p = put64(begin_method(peer, peer->channel, METHOD(60, 80)), peer->published);
    end_frame(peer, put8(p, 1));
    peer->confirmed = peer->published;
}

static void make_message(struct peer *peer, const uint8_t *tag, uint8_t tag_size, const uint8_t *queue, uint8_t queue_size) {
    uint64_t part = FRAME_MAX - 8;
    uint64_t frames = (delivered_size + part - 1) / part;
    peer->message = allocate(1024 + delivered_size + frames * 8);
    uint8_t *p = put16(put8(peer->message, FRAME_METHOD), peer->channel);
    p = put32(p, 4 + 1 + tag_size + 8 + 1 + 1 + 1 + queue_size);
    p = put_short(put32(p, METHOD(60, 60)), tag, tag_size);
    peer->message_tag_at = (size_t)(p - peer->message);
    p = put8(put64(p, 0), 0);                   /* delivery tag, redelivered */
    p = put_short(put8(p, 0), queue, queue_size); /* exchange, routing key */
    p = put8(p, FRAME_END);
    p = put32(put16(put8(p, FRAME_HEADER), peer->channel), 14);
    p = put16(put64(put16(put16(p, 60), 0), delivered_size), 0);
    p = put8(p, FRAME_END);
    for (uint64_t left = delivered_size; left > 0;) {
        uint32_t size = (uint32_t)(left < part ? left : part);
        p = put32(put16(put8(p, FRAME_BODY), peer->channel), size);
        memset(p, 'x', size);
        p = put8(p + size, FRAME_END);
        left -= size;
    }
    peer->message_size = (size_t)(p - peer->message);
}

static bool may_deliver(struct peer *peer) {
    if (!peer->consuming) return false;
    return peer->without_acks || peer->prefetch == 0 || peer->delivered - peer->acked < peer->prefetch;
}

/* Writes what there is as far as the socket takes it; false when the connection has gone. */
static bool flush(struct peer *peer) {
    while (true) {
        /* Small deliveries are gathered, a large one goes out from where it is, between other frames. */
        while (peer->message_size <= OUTPUT / 8 && room(peer) >= peer->message_size && may_deliver(peer)) {
            uint8_t *at = peer->output + peer->output_end;
            memcpy(at, peer->message, peer->message_size);
            put64(at + peer->message_tag_at, ++peer->delivered);
            peer->output_end += peer->message_size;
        }
        const uint8_t *bytes = peer->output + peer->output_start;
        size_t size = peer->output_end - peer->output_start;
        if (size == 0 && !peer->writing_message && peer->message_size > OUTPUT / 8 && may_deliver(peer)) {
            put64(peer->message + peer->message_tag_at, ++peer->delivered);
            peer->message_written = 0;
            peer->writing_message = true;
        }
        bool whole = peer->writing_message && (peer->message_written > 0 || size == 0);
        if (whole) {
            bytes = peer->message + peer->message_written;
            size = peer->message_size - peer->message_written;
        }
        if (size == 0) return true;
        ssize_t written = send(peer->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (written < 0) {
            if (errno == EINTR) continue;
            return errno == EAGAIN || errno == EWOULDBLOCK;
        }
        if (whole) {
            peer->message_written += (size_t)written;
            if (peer->message_written == peer->message_size) peer->writing_message = false;
        } else {
            peer->output_start += (size_t)written;
            if (peer->output_start == peer->output_end) peer->output_start = peer->output_end = 0;
        }
    }
}

static bool has_output(struct peer *peer) {
    return peer->output_end > peer->output_start || peer->writing_message || may_deliver(peer);
}

/* --- Methods ---------------------------------------------------------------------------------------------------- */

static void send_start(struct peer *peer) {
    static const char *capabilities[] = {"publisher_confirms", "basic.nack", "consumer_cancel_notify"};
    uint8_t *p = put8(put8(begin_method(peer, 0, METHOD(10, 10)), 0), 9);
    uint8_t *table = p;
    p = put_long(put8(put_short(put32(p, 0), "product", 7), 'S'), "counting-peer");
    p = put8(put_short(p, "capabilities", 12), 'F');
    uint8_t *inner = p;
    p = put32(p, 0);
    for (size_t i = 0; i < sizeof capabilities / sizeof *capabilities; i++) {
        p = put8(put8(put_short(p, capabilities[i], (uint8_t)strlen(capabilities[i])), 't'), 1);
    }
    put32(inner, (uint32_t)(p - inner - 4));
    put32(table, (uint32_t)(p - table - 4));
    end_frame(peer, put_long(put_long(p, "PLAIN"), "en_US"));
}

/* The bytes of a short string that is whole within the frame; moves on behind it. */
static const uint8_t *short_string(const uint8_t **at, const uint8_t *end, uint8_t *size) {
    if (*at >= end || end - *at < 1 + **at) {
        *size = 0;
        return *at;
    }
    *size = **at;
    const uint8_t *bytes = *at + 1;
    *at = bytes + *size;
    return bytes;
}

/* False when it cannot be answered. */
static bool received_method(struct peer *peer, uint16_t channel, const uint8_t *p, size_t length) {
    if (length < 4) return false;
    const uint8_t *end = p + length;
    uint32_t method = get32(p);
    p += 4;
    uint8_t size, tag_size;
    const uint8_t *queue, *tag;
    if (room(peer) < 2048) return false;
    switch (method) {
    case METHOD(60, 40): /* basic.publish: its header follows */
        peer->channel = channel;
        return true;
    case METHOD(60, 80): /* basic.ack */
        if (length < 13) return false;
        if (p[8] & 1) peer->acked = get64(p);
        else peer->acked++;
        return true;
    case METHOD(60, 90): /* basic.reject: what was prefetched goes back */
    case METHOD(60, 120):
        return true;
    case METHOD(10, 11): { /* start-ok: tune */
        uint8_t *q = put16(begin_method(peer, 0, METHOD(10, 30)), 2047);
        end_frame(peer, put16(put32(q, FRAME_MAX), 0));
        return true;
    }
    case METHOD(10, 31): /* tune-ok */
        return true;
    case METHOD(10, 40): /* open */
        end_frame(peer, put8(begin_method(peer, 0, METHOD(10, 41)), 0));
        return true;
    case METHOD(10, 50): /* close */
        answer(peer, 0, METHOD(10, 51));
        peer->consuming = false;
        peer->ended = true;
        return true;
    case METHOD(20, 10): /* channel.open */
        end_frame(peer, put32(begin_method(peer, channel, METHOD(20, 11)), 0));
        return true;
    case METHOD(20, 40): /* channel.close */
        peer->consuming = false;
        answer(peer, channel, METHOD(20, 41));
        return true;
    case METHOD(20, 41): /* channel.close-ok */
        return true;
    case METHOD(50, 10): { /* queue.declare, passive or not */
        if (length < 6) return false;
        p += 2;
        queue = short_string(&p, end, &size);
        uint8_t *q = put_short(begin_method(peer, channel, METHOD(50, 11)), queue, size);
        end_frame(peer, put32(put32(q, 0), 0));
        return true;
    }
    case METHOD(85, 10): /* confirm.select */
        peer->channel = channel;
        peer->confirming = true;
        answer(peer, channel, METHOD(85, 11));
        return true;
    case METHOD(60, 10): /* basic.qos */
        if (length < 11) return false;
        peer->prefetch = get16(p + 4);
        answer(peer, channel, METHOD(60, 11));
        return true;
    case METHOD(60, 20): { /* basic.consume */
        if (peer->message != NULL || length < 6) return false;
        p += 2;
        queue = short_string(&p, end, &size);
        tag = short_string(&p, end, &tag_size);
        peer->channel = channel;
        peer->without_acks = p < end && (*p & 2) != 0;
        if (tag_size == 0) {
            tag = (const uint8_t *)"counted";
            tag_size = 7;
        }
        end_frame(peer, put_short(begin_method(peer, channel, METHOD(60, 21)), tag, tag_size));
        make_message(peer, tag, tag_size, queue, size);
        peer->consuming = true;
        return true;
    }
    case METHOD(60, 30): /* basic.cancel */
        peer->consuming = false;
        tag = short_string(&p, end, &tag_size);
        end_frame(peer, put_short(begin_method(peer, channel, METHOD(60, 31)), tag, tag_size));
        return true;
    default:
        fprintf(stderr, "counting-peer: method %u.%u is not known here\n", method >> 16, method & 0xFFFF);
        return false;
    }
}

/* --- Reading ---------------------------------------------------------------------------------------------------- */

/* Works through what was read; false when it is not understood. */
static bool understand(struct peer *peer) {
    const uint8_t *p = peer->input;
    const uint8_t *end = p + peer->held;
    bool fine = true;
    while (fine && p < end) {
        size_t left = (size_t)(end - p);
        if (peer->passing > 0) {
            size_t passed = peer->passing < left ? (size_t)peer->passing : left;
            p += passed;
            peer->passing -= passed;
            if (peer->passing > 0) break;
            fine = p[-1] == FRAME_END;
            if (peer->body_missing == 0) {
                peer->in_body = false;
                peer->published++;
            }
            continue;
        }
        if (left < 7) break;
        uint16_t channel = get16(p + 1);
        uint64_t size = get32(p + 3);
        if (p[0] == FRAME_BODY) {
            if (!peer->in_body || size > peer->body_missing) return false;
            peer->body_missing -= size;
            peer->published_bytes += size;
            peer->passing = size + 1;
            p += 7;
            continue;
        }
        if (size + 8 > INPUT) return false;
        if (left < size + 8) break;
        fine = p[7 + size] == FRAME_END;
        if (p[0] == FRAME_METHOD) {
            fine = fine && received_method(peer, channel, p + 7, size);
        } else if (p[0] == FRAME_HEADER) {
            if (size < 14) return false;
            peer->body_missing = get64(p + 11);
            peer->in_body = peer->body_missing > 0;
            if (!peer->in_body) peer->published++;
        } else if (p[0] != FRAME_HEARTBEAT) {
            return false;
        }
        p += size + 8;
    }
    peer->held = (size_t)(end - p);
    memmove(peer->input, p, peer->held);
    return fine;
}

static void wake_for(int fd, int bytes) { setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes); }

static void serve(struct peer *peer) {
    uint8_t opening[8];
    for (size_t have = 0; have < sizeof opening;) {
        ssize_t got = recv(peer->fd, opening + have, sizeof opening - have, 0);
        if (got <= 0) return;
        have += (size_t)got;
    }
    if (memcmp(opening, "AMQP\0\0\x09\x01", sizeof opening) != 0) return;
    send_start(peer);
    bool in_bulk = false;
    while (flush(peer) && !(peer->ended && !has_output(peer))) {
        if (!in_bulk && peer->published > 0) {
            wake_for(peer->fd, WORTHWHILE);
            in_bulk = true;
        }
        struct pollfd socket = {.fd = peer->fd, .events = POLLIN};
        if (has_output(peer)) socket.events |= POLLOUT;
        if (poll(&socket, 1, in_bulk ? TICK_MS : -1) < 0 && errno != EINTR) die("poll");
        bool is_idle = socket.revents == 0;
        if (socket.revents & POLLOUT && !(socket.revents & (POLLIN | POLLHUP | POLLERR))) continue;
        ssize_t got = recv(peer->fd, peer->input + peer->held, INPUT - peer->held, MSG_DONTWAIT);
        if (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return;
        if (got == 0) return;
        if (got > 0) peer->held += (size_t)got;
        if (!understand(peer)) {
            fprintf(stderr, "counting-peer: the client sent what is not understood\n");
            return;
        }
        if (peer->confirming && (is_idle || peer->published - peer->confirmed >= ack_every)) confirm(peer);
    }
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i += 2) {
        uint64_t *option = strcmp(argv[i], "--size") == 0        ? &delivered_size
                           : strcmp(argv[i], "--ack-every") == 0 ? &ack_every
                                                                 : NULL;
        if (option == NULL || i + 1 == argc) {
            fprintf(stderr, "usage: counting-peer [--size BYTES] [--ack-every N]\n");
            return 2;
        }
        *option = strtoull(argv[i + 1], NULL, 10);
    }
    signal(SIGTERM, finish);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, length) < 0 || listen(listener, 8) < 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) < 0)
        die("listening");
    printf("{\"port\":%d}\n", ntohs(address.sin_port));
    fflush(stdout);
    uint8_t *input = allocate(INPUT), *output = allocate(OUTPUT);
    while (true) {
        struct peer peer = {.fd = accept(listener, NULL, NULL), .input = input, .output = output};
        if (peer.fd < 0) {
            if (errno == EINTR || errno == ECONNABORTED) continue;
            die("accepting");
        }
        int yes = 1;
        setsockopt(peer.fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        serve(&peer);
        close(peer.fd);
        free(peer.message);
        printf(
            "{\"published\":%llu,\"published_bytes\":%llu,\"confirmed\":%llu,\"delivered\":%llu,\"acked\":%llu}\n",
            (unsigned long long)peer.published, (unsigned long long)peer.published_bytes,
            (unsigned long long)peer.confirmed, (unsigned long long)peer.delivered, (unsigned long long)peer.acked);
        fflush(stdout);
    }
}

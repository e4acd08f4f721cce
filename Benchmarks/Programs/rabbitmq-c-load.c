/* rabbitmq-c-load publish|confirm|consume --amqp-uri URI --queue Q --count N [--size S] [--window W] [--prefetch P]
 *                 [--ack-every K]
 *
 * What `rabbittop perf` does, done with rabbitmq-c: the same work by the same rules, with the same line of JSON as its
 * result. Exit codes: 0 done, 1 failed, 2 usage.
 */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static amqp_connection_state_t connection;

_Noreturn static void fail(const char *what, const char *why) {
    fprintf(stderr, "rabbitmq-c-load: %s: %s\n", what, why);
    exit(1);
}

static void check(int status, const char *what) {
    if (status != AMQP_STATUS_OK) fail(what, amqp_error_string2(status));
}

static void check_reply(amqp_rpc_reply_t reply, const char *what) {
    switch (reply.reply_type) {
    case AMQP_RESPONSE_NORMAL: return;
    case AMQP_RESPONSE_LIBRARY_EXCEPTION: fail(what, amqp_error_string2(reply.library_error));
    case AMQP_RESPONSE_SERVER_EXCEPTION: fail(what, amqp_method_name(reply.reply.id));
    default: fail(what, "no reply");
    }
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double cpu(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void declare(const char *queue, int passive) {
    amqp_queue_declare(connection, 1, amqp_cstring_bytes(queue), passive, 1, 0, 0, amqp_empty_table);
    check_reply(amqp_get_rpc_reply(connection), "queue.declare");
}

static void publish_one(amqp_bytes_t queue, amqp_bytes_t body) {
    check(amqp_basic_publish(connection, 1, amqp_empty_bytes, queue, 0, 0, NULL, body), "basic.publish");
}

static void publish(const char *queue, uint64_t count, amqp_bytes_t body) {
    amqp_bytes_t key = amqp_cstring_bytes(queue);
    for (uint64_t i = 0; i < count; i++) publish_one(key, body);
    declare(queue, 1);
}

static void confirm(const char *queue, uint64_t count, amqp_bytes_t body, uint64_t window) {
    amqp_bytes_t key = amqp_cstring_bytes(queue);
    uint64_t sent = 0, confirmed_through = 0, confirmed = 0;
    while (confirmed < count) {
        uint64_t open = sent - confirmed;
        if (sent < count && open < window) {
            publish_one(key, body);
            sent++;
            continue;
        }
        /* The window is full, or all is sent: wait until half of it is confirmed. */
        uint64_t goal = sent < count ? window / 2 : 0;
        while (sent - confirmed > goal) {
            amqp_frame_t frame;
            amqp_maybe_release_buffers(connection);
            check(amqp_simple_wait_frame(connection, &frame), "waiting for a confirm");
            if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
                fail("waiting for a confirm", "something else came");
            amqp_basic_ack_t *ack = frame.payload.method.decoded;
            if (ack->multiple) {
                /* Those confirmed one by one before it are counted twice here; RabbitMQ's single acks of one queue come
                 * in order, so that there are none. */
                if (ack->delivery_tag > confirmed_through) confirmed += ack->delivery_tag - confirmed_through;
            } else {
                confirmed++;
            }
            if (ack->delivery_tag > confirmed_through) confirmed_through = ack->delivery_tag;
        }
    }
}

static uint64_t consume(const char *queue, uint64_t count, uint16_t prefetch, uint64_t ack_every) {
    uint64_t bytes = 0;
    if (ack_every > 0) {
        amqp_basic_qos(connection, 1, 0, prefetch, 0);
        check_reply(amqp_get_rpc_reply(connection), "basic.qos");
    }
    amqp_basic_consume(
        connection, 1, amqp_cstring_bytes(queue), amqp_empty_bytes, 0, ack_every == 0, 0, amqp_empty_table);
    check_reply(amqp_get_rpc_reply(connection), "basic.consume");
    for (uint64_t i = 1; i <= count; i++) {
        amqp_envelope_t envelope;
        amqp_maybe_release_buffers(connection);
        check_reply(amqp_consume_message(connection, &envelope, NULL, 0), "waiting for a delivery");
        bytes += envelope.message.body.len;
        if (ack_every > 0 && (i % ack_every == 0 || i == count))
            check(amqp_basic_ack(connection, 1, envelope.delivery_tag, 1), "basic.ack");
        amqp_destroy_envelope(&envelope);
    }
    return bytes;
}

static uint64_t number(const char *text) {
    char *end;
    uint64_t value = strtoull(text, &end, 10);
    if (*text == 0 || *end != 0) {
        fprintf(stderr, "rabbitmq-c-load: '%s' is no number\n", text);
        exit(2);
    }
    return value;
}

int main(int argc, char **argv) {
    const char *mode = argc > 1 ? argv[1] : "";
    const char *uri = NULL, *queue = NULL;
    uint64_t count = 100000, size = 100, window = 1000, prefetch = 1000, ack_every = 100;
    int understood = strcmp(mode, "publish") == 0 || strcmp(mode, "confirm") == 0 || strcmp(mode, "consume") == 0;
    for (int i = 2; understood && i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--amqp-uri") == 0) uri = argv[i + 1];
        else if (strcmp(argv[i], "--queue") == 0) queue = argv[i + 1];
        else if (strcmp(argv[i], "--count") == 0) count = number(argv[i + 1]);
        else if (strcmp(argv[i], "--size") == 0) size = number(argv[i + 1]);
        else if (strcmp(argv[i], "--window") == 0) window = number(argv[i + 1]);
        else if (strcmp(argv[i], "--prefetch") == 0) prefetch = number(argv[i + 1]);
        else if (strcmp(argv[i], "--ack-every") == 0) ack_every = number(argv[i + 1]);
        else understood = 0;
    }
    if (!understood || argc % 2 != 0 || uri == NULL || queue == NULL || count == 0 || window == 0) {
        fprintf(stderr, "usage: rabbitmq-c-load publish|confirm|consume --amqp-uri URI --queue Q [--count N] …\n");
        return 2;
    }

    struct amqp_connection_info where;
    char *copy = strdup(uri);
    if (amqp_parse_url(copy, &where) != AMQP_STATUS_OK) fail("the URI", "not understood");
    connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    check(amqp_socket_open(socket, where.host, where.port), "connecting");
    check_reply(
        amqp_login(connection, where.vhost, 0, 131072, 0, AMQP_SASL_METHOD_PLAIN, where.user, where.password), "login");
    amqp_channel_open(connection, 1);
    check_reply(amqp_get_rpc_reply(connection), "channel.open");
    declare(queue, 0);
    if (strcmp(mode, "confirm") == 0) {
        amqp_confirm_select(connection, 1);
        check_reply(amqp_get_rpc_reply(connection), "confirm.select");
    }
    amqp_bytes_t body = amqp_bytes_malloc(size);
    for (uint64_t i = 0; i < size; i++) ((char *)body.bytes)[i] = (char)('a' + i % 26);

    double begun = now(), cpu_before = cpu();
    if (strcmp(mode, "publish") == 0) publish(queue, count, body);
    else if (strcmp(mode, "confirm") == 0) confirm(queue, count, body, window);
    else size = consume(queue, count, (uint16_t)prefetch, ack_every) / count;
    double seconds = now() - begun, used = cpu() - cpu_before;

    printf(
        "{\"confirm_latency_ms\":null,\"count\":%llu,\"cpu_us_per_message\":%.6f,\"mode\":\"%s\",\"rate\":%.3f,"
        "\"seconds\":%.6f,\"size\":%llu}\n",
        (unsigned long long)count, used * 1e6 / (double)count, mode, (double)count / seconds, seconds,
        (unsigned long long)size);
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
    amqp_destroy_connection(connection);
    return 0;
}

/// Applications in other people's libraries that publish to a queue and consume from it, connect again when they have lost
/// their connection or channel, and say what they saw. They end when a line has all the words that are wanted.
///
/// Arguments: port, name (also the queue's), heartbeat, pause between publishes in seconds, words that are wanted.
enum ProxyFaultApplications {
    static func script(_ library: String) -> String {
        switch library {
        case "pika": common + "\n" + pika
        case "aio-pika": common + "\n" + aioPika
        default: common + "\n" + kombu
        }
    }

    private static let common = """
        import os, sys, time
        port, name, heartbeat, pause = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])
        # Less than 0: as the broker proposes it.
        heartbeat = None if heartbeat < 0 else heartbeat
        wanted = sys.argv[5:]
        queue = name
        end = time.time() + 60
        last_delivery = [time.time()]
        tags = set()
        def saw(*words):
            line = " ".join(str(word) for word in words)
            print(line, flush=True)
            if all(word in line for word in wanted):
                os._exit(0)
        def took(tag, sent):
            if tag in tags:
                saw("delivery tag twice")
            tags.add(tag)
            last_delivery[0] = time.time()
            if time.time() - float(sent) > 0.5:
                saw("late delivery")
        def silent():
            if time.time() - last_delivery[0] > 2:
                saw("no delivery for 2 s")
        """

    private static let pika = """
        import pika
        while time.time() < end:
            try:
                connection = pika.BlockingConnection(pika.ConnectionParameters(
                    "127.0.0.1", port, heartbeat=heartbeat, client_properties={"connection_name": name},
                    blocked_connection_timeout=30))
                implementation = connection._impl
                saw("tuned", implementation.params.frame_max, implementation.params.channel_max,
                    implementation.params.heartbeat)
                connection.add_on_connection_blocked_callback(lambda c, m: saw("blocked", m.method.reason))
                connection.add_on_connection_unblocked_callback(lambda c, m: saw("unblocked"))
                consumer = connection.channel()
                consumer.queue_declare(queue, auto_delete=True)
                consumer.basic_qos(prefetch_count=10)
                consumer._impl.add_on_close_callback(lambda channel, reason: saw(
                    type(reason).__name__, getattr(reason, "reply_code", ""), getattr(reason, "reply_text", "")))
                consumer.add_on_cancel_callback(lambda frame: saw("consumer cancelled"))
                tags.clear()
                last_delivery[0] = time.time()
                def taken(channel, method, properties, body):
                    took(method.delivery_tag, body)
                    channel.basic_ack(method.delivery_tag)
                consumer.basic_consume(queue, taken)
                publisher = connection.channel()
                publisher.confirm_delivery()
                opened = time.time()
                while time.time() < end:
                    began = time.time()
                    try:
                        publisher.basic_publish("", queue, str(began).encode(), mandatory=True)
                    except pika.exceptions.UnroutableError as e:
                        returned = e.messages[0].method
                        saw("returned", returned.reply_code, returned.routing_key == queue)
                    except pika.exceptions.NackError:
                        saw("nacked")
                    if time.time() - began > 0.35:
                        saw("slow confirm")
                    connection.sleep(pause)
                    silent()
                    if time.time() - opened > 0.5:
                        opened = time.time()
                        connection.channel().close()
            except (pika.exceptions.ChannelClosedByBroker, pika.exceptions.ConnectionClosedByBroker) as e:
                saw(type(e).__name__, e.reply_code, e.reply_text)
            except (pika.exceptions.AMQPError, OSError) as e:
                saw("lost" if not isinstance(e, pika.exceptions.AMQPHeartbeatTimeout) else "missed heartbeat", repr(e))
            time.sleep(0.1)
        sys.exit("it never saw " + " ".join(wanted))
        """

    private static let aioPika = """
        import asyncio, aio_pika
        def failed(what, error):
            if error is not None:
                saw(what, type(error).__name__, *getattr(error, "args", ()), error)
        async def work():
            connection = await aio_pika.connect(f"amqp://guest:guest@127.0.0.1:{port}/?heartbeat={heartbeat}&name={name}")
            connection.close_callbacks.add(lambda sender, error: failed("connection closed", error))
            channel = await connection.channel()
            channel.close_callbacks.add(lambda sender, error: failed("channel closed", error))
            await channel.set_qos(prefetch_count=10)
            mine = await channel.declare_queue(queue, auto_delete=True)
            tags.clear()
            last_delivery[0] = time.time()
            async def taken(message):
                took(message.delivery_tag, message.body)
                await message.ack()
            await mine.consume(taken)
            publisher = await connection.channel(on_return_raises=True)
            publisher.close_callbacks.add(lambda sender, error: failed("channel closed", error))
            try:
                while time.time() < end:
                    try:
                        began = time.time()
                        await publisher.default_exchange.publish(
                            aio_pika.Message(str(began).encode()), routing_key=queue, timeout=1.5)
                        if time.time() - began > 0.35:
                            saw("slow confirm")
                    except aio_pika.exceptions.DeliveryError as e:
                        saw("not delivered", type(e).__name__, getattr(e.frame, "name", ""))
                    except asyncio.TimeoutError:
                        saw("publish timed out")
                    await asyncio.sleep(pause)
                    silent()
            finally:
                await asyncio.wait_for(connection.close(), 2)
        async def main():
            while time.time() < end:
                try:
                    await work()
                except Exception as e:
                    saw("error", type(e).__name__, *getattr(e, "args", ()))
                await asyncio.sleep(0.1)
        asyncio.run(main())
        sys.exit("it never saw " + " ".join(wanted))
        """

    private static let kombu = """
        import kombu, socket
        while time.time() < end:
            connection = kombu.Connection(
                f"amqp://guest:guest@127.0.0.1:{port}//", heartbeat=heartbeat,
                transport_options={"confirm_publish": True, "client_properties": {"connection_name": name}})
            try:
                connection.connect()
                mine = kombu.Queue(queue, auto_delete=True, durable=False)
                tags.clear()
                last_delivery[0] = time.time()
                def taken(body, message):
                    took(message.delivery_tag, message.body)
                    message.ack()
                producer = connection.Producer()
                with connection.Consumer(mine, callbacks=[taken], prefetch_count=10):
                    while time.time() < end:
                        began = time.time()
                        producer.publish(str(began).encode(), routing_key=queue, content_type="application/data",
                                         content_encoding="binary", timeout=1.5)
                        if time.time() - began > 0.35:
                            saw("slow confirm")
                        try:
                            connection.drain_events(timeout=max(pause, 0.01))
                        except socket.timeout:
                            pass
                        if heartbeat:
                            connection.heartbeat_check()
                        silent()
            except socket.timeout:
                saw("publish timed out")
            except connection.connection_errors + connection.channel_errors as e:
                saw("error", type(e).__name__, getattr(e, "reply_code", ""), getattr(e, "reply_text", ""), e)
            finally:
                try:
                    connection.close()
                except Exception:
                    pass
            time.sleep(0.1)
        sys.exit("it never saw " + " ".join(wanted))
        """
}

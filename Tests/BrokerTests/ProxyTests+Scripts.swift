// What other clients do through the proxy, in Python.
extension ProxyTests {
    static let slowReader = """
        import os, pika, sys, time
        connection = pika.BlockingConnection(pika.ConnectionParameters(
            "127.0.0.1", int(sys.argv[1]), client_properties={"connection_name": sys.argv[2]}, heartbeat=0))
        channel = connection.channel()
        got = 0
        def take(channel, method, properties, body):
            global got
            assert len(body) == 1 << 20
            got += 1
        channel.basic_consume(sys.argv[3], take, auto_ack=True)
        while not os.path.exists(sys.argv[4]):
            time.sleep(0.05)
        while got < 64:
            connection.process_data_events(1)
        channel.queue_delete(sys.argv[3])
        connection.close()
        print("got", got)
        """

    static let twoChannels = """
        import pika, sys, time
        connection = pika.BlockingConnection(pika.ConnectionParameters(
            "127.0.0.1", int(sys.argv[1]), client_properties={"connection_name": sys.argv[2]}))
        first, second = connection.channel(), connection.channel()
        queue = first.queue_declare("", exclusive=True).method.queue
        second.basic_publish("", "nowhere", b"here I am")
        deadline = time.time() + 20
        try:
            while time.time() < deadline:
                second.queue_declare(queue, passive=True)
                time.sleep(0.02)
        except pika.exceptions.ChannelClosedByBroker as e:
            print("closed", e.reply_code, e.reply_text)
        first.confirm_delivery()
        first.basic_publish("", queue, b"x", mandatory=True)
        print("sibling works")
        third = connection.channel(2)
        third.queue_declare(queue, passive=True)
        print("opened", third.channel_number, "again, and it works")
        connection.close()
        """

    /// Publishes 200 messages, confirmed, consumes them and acknowledges all but the last seven; those when a queue `….go`
    /// exists.
    static func routine(_ library: String) -> String {
        let common = """
            import sys, time
            port, queue, name = int(sys.argv[1]), sys.argv[2], sys.argv[3]
            bodies = [b"x" * (300000 if n == 100 else n) for n in range(200)]
            """
        let own =
            switch library {
            case "pika":
                """
                import pika
                parameters = pika.ConnectionParameters(
                    "127.0.0.1", port, client_properties={"connection_name": name}, heartbeat=10)
                connection = pika.BlockingConnection(parameters)
                channel = connection.channel()
                channel.queue_declare(queue, durable=True)
                channel.confirm_delivery()
                for body in bodies:
                    channel.basic_publish("", queue, body, mandatory=True)
                consumer = connection.channel()
                consumer.basic_qos(prefetch_count=300)
                got, tags = [], []
                def taken(channel, method, properties, body):
                    got.append(body)
                    tags.append(method.delivery_tag)
                    if len(got) == 193:
                        channel.basic_ack(method.delivery_tag, multiple=True)
                consumer.basic_consume(queue, taken)
                def exists():
                    probe = connection.channel()
                    try:
                        probe.queue_declare(queue + ".go", passive=True)
                        return True
                    except pika.exceptions.ChannelClosedByBroker:
                        return False
                while len(got) < 200 or not exists():
                    connection.process_data_events(0.05)
                for tag in tags[193:]:
                    consumer.basic_ack(tag)
                connection.close()
                """
            case "aio-pika":
                """
                import asyncio, aio_pika
                got = []
                async def main():
                    connection = await aio_pika.connect(
                        f"amqp://guest:guest@127.0.0.1:{port}/?heartbeat=10&name={name}")
                    channel = await connection.channel()
                    await channel.set_qos(prefetch_count=300)
                    q = await channel.declare_queue(queue, durable=True)
                    for body in bodies:
                        await channel.default_exchange.publish(aio_pika.Message(body), routing_key=queue)
                    messages = []
                    async with q.iterator() as messages_of:
                        async for message in messages_of:
                            got.append(message.body)
                            messages.append(message)
                            if len(messages) <= 193:
                                await message.ack()
                            if len(messages) == 200:
                                while True:
                                    try:
                                        probe = await connection.channel()
                                        await probe.declare_queue(queue + ".go", passive=True)
                                        break
                                    except aio_pika.exceptions.ChannelClosed:
                                        await asyncio.sleep(0.05)
                                for rest in messages[193:]:
                                    await rest.ack()
                                break
                    await connection.close()
                asyncio.run(main())
                """
            default:
                """
                import kombu
                got, messages = [], []
                with kombu.Connection(
                        f"amqp://guest:guest@127.0.0.1:{port}//",
                        transport_options={"confirm_publish": True, "client_properties": {"connection_name": name}}) as connection:
                    q = kombu.Queue(queue, durable=True)
                    producer = connection.Producer()
                    for body in bodies:
                        producer.publish(body, routing_key=queue, declare=[q], content_type="application/data",
                                         content_encoding="binary")
                    def taken(body, message):
                        got.append(bytes(message.body or b""))
                        messages.append(message)
                        if len(messages) <= 193:
                            message.ack()
                    def exists():
                        channel = connection.channel()
                        try:
                            channel.queue_declare(queue + ".go", passive=True)
                            return True
                        except connection.channel_errors:
                            return False
                    with connection.Consumer(q, callbacks=[taken], prefetch_count=300):
                        while len(got) < 200 or not exists():
                            try:
                                connection.drain_events(timeout=0.1)
                            except TimeoutError:
                                pass
                        for message in messages[193:]:
                            message.ack()
                """
            }
        return common + "\n" + own + """

            assert sorted(got) == sorted(bodies), "something was changed"
            print(len(got), "messages, the largest of", max(map(len, got)), "bytes")
            """
    }
}

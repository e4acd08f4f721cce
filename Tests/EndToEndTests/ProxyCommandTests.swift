import BrokerSupport
import Foundation
import TerminalSupport
import Testing

extension EndToEnd {
    @Suite("rabbittop proxy")
    struct ProxyCommand {
        @Test("Nobody reads what it prints: applications pass all the same, and it ends when it is told to")
        func unread() async throws {
            let broker = try await TestBroker.shared()
            let script = """
                import fcntl, os, pika, socket, subprocess, sys, time
                program, broker = sys.argv[1], int(sys.argv[2])
                probe = socket.socket(); probe.bind(('127.0.0.1', 0)); port = probe.getsockname()[1]; probe.close()
                reading, writing = os.pipe()
                fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
                proxy = subprocess.Popen(
                    [program, 'proxy', '--listen', f'127.0.0.1:{port}', '--upstream', f'127.0.0.1:{broker}'],
                    stdout=writing, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
                try:
                    deadline = time.time() + 30
                    while True:
                        try:
                            socket.create_connection(('127.0.0.1', port)).close()
                            break
                        except ConnectionRefusedError:
                            assert time.time() < deadline
                            time.sleep(0.05)
                    for _ in range(100):
                        connection = pika.BlockingConnection(pika.ConnectionParameters('127.0.0.1', port))
                        channel = connection.channel()
                        try:
                            channel.queue_declare('nowhere', passive=True)
                        except pika.exceptions.ChannelClosedByBroker:
                            pass
                        connection.close()
                    proxy.terminate()
                    _, errors = proxy.communicate(timeout=20)
                    print('status', proxy.returncode, errors.decode().splitlines()[-1])
                finally:
                    proxy.kill()
                """
            let output = try await Python.run(
                script, arguments: [try BuiltProgram.path("rabbittop"), "\(broker.amqpPort)"], deadline: .seconds(90))
            #expect(
                output.standardOutput.firstMatch(of: /status 0 \d+ lines of what happened were not printed/) != nil,
                "\(output.standardOutput)")
        }
    }
}

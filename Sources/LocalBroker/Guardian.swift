import Foundation
import Glibc
import Synchronization

/// A small shell process that ends a node's processes and removes its folder when this process has ended.
///
/// It reads from a socket whose only other end is in this process, so it notices the end of this process whatever the
/// cause. It finds the node's processes by a mark in their environment, which they have from their first instruction on
/// and pass on to their children. No process ids need to be reported to it, so no process can be missed between its
/// start and the report. It runs in a session of its own, and so does not receive the terminal's signals.
final class Guardian: Sendable {
    private let shell: SpawnedProcess
    /// This process's end of the socket; -1 once closed.
    private let socket: Mutex<Int32>

    private init(shell: SpawnedProcess, socket: Int32) {
        self.shell = shell
        self.socket = Mutex(socket)
    }

    deinit { close() }

    /// Starts a guardian.
    ///
    /// - Returns: `nil` if there is no shell, or no descriptors or processes are left.
    static func start(folder: BrokerFolder, id: String, keepingFolder: Bool = false) -> Guardian? {
        guard let ends = ClosedOnExec.pair() else { return nil }
        defer { _ = Glibc.close(ends.first) }
        let arguments = [
            "-c", script, "rabbittop-guardian", folder.path, BrokerFolder.mark(id), keepingFolder ? "keep" : "",
        ]
        guard
            let shell = try? SpawnedProcess(
                executable: "/bin/sh", arguments: arguments,
                environment: ["PATH": "/usr/bin:/bin:/usr/sbin:/sbin"], input: .descriptor(ends.first))
        else {
            _ = Glibc.close(ends.second)
            return nil
        }
        return Guardian(shell: shell, socket: ends.second)
    }

    /// Ends the guardian; the node keeps running.
    func release() async {
        _ = socket.withLock { socket in "release\n".withCString { send(socket, $0, strlen($0), Int32(MSG_NOSIGNAL)) } }
        await finish()
    }

    /// Ends the node's processes now, and returns when the guardian has ended.
    func finish() async {
        close()
        while shell.exitStatus == nil { await Pause.uncancellable(.milliseconds(10)) }
    }

    private func close() {
        socket.withLock { socket in
            if socket >= 0 { _ = Glibc.close(socket) }
            socket = -1
        }
    }

    /// Arguments: the folder, the mark, and `keep` if the folder is to be kept.
    ///
    /// A process is ended if it had the same start time before and after its environment was found to contain the mark,
    /// so an id that was reused by another process meanwhile is not affected. Three empty searches in a row end the
    /// search: a process that was being started during the first one has its environment by the last. Only a folder
    /// that contains this very mark, or an empty one, is removed.
    private static let script = #"""
        cd /
        trap '' HUP INT QUIT TERM TSTP PIPE USR1 USR2
        while read -r word; do
            [ "$word" = release ] && exit 0
        done
        started() {
            started=
            read -r line <"/proc/$1/stat" || return 1
            set -- ${line##*) }
            shift 19 && started=$1
        }
        quiet=0 round=0
        while [ "$quiet" -lt 3 ] && [ "$round" -lt 600 ]; do
            quiet=$((quiet + 1)) round=$((round + 1))
            for file in $(grep -lszxF -e "$2" /proc/[0-9]*/environ); do
                process=${file#/proc/}
                process=${process%/environ}
                started "$process" || continue
                before=$started
                grep -qszxF -e "$2" "$file" || continue
                started "$process" && [ "$started" = "$before" ] && kill -9 "$process" && quiet=0
            done
            sleep 0.1
        done
        [ "$3" = keep ] && exit 0
        if grep -qsxF -e "$2" "$1/broker.id"; then
            for try in 1 2 3 4 5; do
                rm -rf "$1" && break
                sleep 0.1
            done
        else
            rmdir "$1"
        fi
        """#
}

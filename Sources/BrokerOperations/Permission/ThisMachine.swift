import Dispatch
import Glibc
import Synchronization

/// The machine that this process runs on: its addresses and its names.
package struct ThisMachine: Sendable {
    /// The addresses of its network interfaces.
    var addresses: Set<IPAddress>
    /// Its names in lower case, as printed by `hostname` and `hostname -f`.
    var names: Set<String>

    /// Whether an address belongs to this machine.
    func owns(_ address: IPAddress) -> Bool { address.isLoopback || addresses.contains(address) }

    /// Whether a node with this host in its name runs here: `localhost`, a name or an address of this machine. A name
    /// without a domain matches the same name with one; two different domains are two machines.
    package func isNamed(_ host: String) -> Bool {
        if let address = IPAddress(host) { return owns(address) }
        let host = host.lowercased()
        if host == "localhost" || host == "localhost.localdomain" { return true }
        if names.contains(host) { return true }
        if host.contains("."), names.contains(where: { $0.contains(".") }) { return false }
        return names.contains { Self.first($0) == Self.first(host) }
    }

    private static func first(_ name: String) -> Substring { name.prefix { $0 != "." } }

    /// Returns this machine's addresses and names.
    ///
    /// - Parameter deadline: how long looking up its name may take, in seconds.
    static func current(within deadline: Double = 1) async -> ThisMachine {
        let host = hostName
        let whole = await HostLookup.blocking(within: deadline) { HostLookup.canonicalName(of: host) } ?? nil
        return ThisMachine(
            addresses: interfaceAddresses(), names: Set([host, whole?.lowercased() ?? ""]).subtracting([""]))
    }

    /// Returns what is known without a request to a name server.
    package static func known() -> ThisMachine {
        ThisMachine(addresses: interfaceAddresses(), names: Set([hostName]).subtracting([""]))
    }

    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return name.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }.lowercased()
    }

    private static func interfaceAddresses() -> Set<IPAddress> {
        var list: UnsafeMutablePointer<ifaddrs>?
        guard getifaddrs(&list) == 0 else { return [] }
        defer { freeifaddrs(list) }
        var result: Set<IPAddress> = []
        var next = list
        while let entry = next {
            if let address = entry.pointee.ifa_addr, let found = IPAddress(address) { result.insert(found) }
            next = entry.pointee.ifa_next
        }
        return result
    }
}

/// Looks up the names of hosts.
enum HostLookup {
    /// Returns all addresses that a connection to this host may use; empty if there is no such host, or no answer in
    /// time.
    static func addresses(of host: String, within deadline: Double = 5) async -> [IPAddress] {
        if let address = IPAddress(host) { return [address] }
        return await blocking(within: deadline) { found(host, flags: 0).addresses } ?? []
    }

    static func canonicalName(of host: String) -> String? { found(host, flags: AI_CANONNAME).name }

    private static func found(_ host: String, flags: Int32) -> (addresses: [IPAddress], name: String?) {
        var hints = addrinfo()
        hints.ai_flags = flags
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return ([], nil) }
        defer { freeaddrinfo(list) }
        var addresses: [IPAddress] = []
        let name = list?.pointee.ai_canonname.map { String(cString: $0) }
        var next = list
        while let entry = next {
            if let address = entry.pointee.ai_addr, let found = IPAddress(address) { addresses.append(found) }
            next = entry.pointee.ai_next
        }
        return (addresses, name)
    }

    /// Runs a blocking body on a thread that may block; returns nil if it takes longer than `deadline`, in seconds.
    static func blocking<Value: Sendable>(
        within deadline: Double, _ body: @escaping @Sendable () -> Value
    ) async -> Value? {
        await withCheckedContinuation { continuation in
            let answer = Answer(continuation)
            DispatchQueue.global().async { answer.give(body()) }
            DispatchQueue.global().asyncAfter(deadline: .now() + deadline) { answer.give(nil) }
        }
    }

    /// Resumes a waiting task once.
    private final class Answer<Value: Sendable>: Sendable {
        private let waiting: Mutex<CheckedContinuation<Value?, Never>?>

        init(_ continuation: CheckedContinuation<Value?, Never>) {
            waiting = Mutex(continuation)
        }

        func give(_ value: Value?) {
            let continuation = waiting.withLock { waiting in
                defer { waiting = nil }
                return waiting
            }
            continuation?.resume(returning: value)
        }
    }
}

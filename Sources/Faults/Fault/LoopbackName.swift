/// Names and addresses of the local machine.
package enum LoopbackName {
    /// Returns whether a host is `localhost`, an address of 127.0.0.0/8, or `::1`. Names are not resolved:
    /// `127.shop.example` does not match.
    package static func matches(_ host: String) -> Bool {
        let name = host.lowercased()
        if name == "localhost" || name == "::1" || name == "[::1]" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { UInt8($0) != nil && $0.allSatisfy(\.isASCII) }
    }
}

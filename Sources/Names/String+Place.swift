extension String {
    /// `host:port`, the one form of it in all that is shown, logged and compared: an IPv6 address stands in brackets.
    public init(host: String, port: Int) {
        self = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

/// The names of all parameters of faults, as on the command line, in files and in JSON.
public enum FaultParameterName: String, Sendable, Codable, CaseIterable {
    case bytes
    case bytesPerSecond = "bytes_per_s"
    case channelMax = "channel_max"
    case code
    case count
    case delayMilliseconds = "delay_ms"
    case downSeconds = "down_s"
    case fixSize = "fix_size"
    case frameMax = "frame_max"
    case heartbeat
    case hold
    case how
    case jitterMilliseconds = "jitter_ms"
    case kind
    case limit
    case maxLength = "max_length"
    case name
    case node
    case persistent
    case prefetch
    case queue
    case rate
    case reason
    case reconnect
    case settle
    case size
    case text
    case towards
    case ttlMilliseconds = "ttl_ms"
    case value
    case vhost
    case what
}

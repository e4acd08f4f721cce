import Foundation
import Glibc

/// Keeps the resident memory of a program small that runs for weeks.
///
/// Large lists come every few seconds, on changing threads. By default glibc gives each thread an arena of its own, and
/// what is freed in it stays with the process. What the C library lacks is left out: musl has none of these functions.
enum ResidentMemory {
    /// The parameters of `mallopt`, from glibc's malloc.h.
    private enum Parameter {
        static let mapThreshold: Int32 = -3
        static let arenaMaximum: Int32 = -8
    }

    /// Makes all threads share one arena, and gives buffers of 256 KiB and more back as soon as they are freed.
    static func limitArenas() {
        typealias Setting = @convention(c) (Int32, Int32) -> Int32
        guard let symbol = dlsym(nil, "mallopt") else { return }
        let set = unsafeBitCast(symbol, to: Setting.self)
        _ = set(Parameter.arenaMaximum, 1)
        _ = set(Parameter.mapThreshold, 256 * 1_024)
    }

    /// Gives unused memory back to the system.
    static func trim() {
        typealias Trimming = @convention(c) (Int) -> Int32
        guard let symbol = dlsym(nil, "malloc_trim") else { return }
        _ = unsafeBitCast(symbol, to: Trimming.self)(0)
    }

    /// Unmaps the pages of code: most were needed for the start alone, when Swift's runtime looks through all types. What
    /// runs maps its pages again, from the system's cache.
    static func releaseCode() {
        guard let maps = FileManager.default.contents(atPath: "/proc/self/maps") else { return }
        for line in maps.split(separator: UInt8(ascii: "\n")) {
            let fields = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
            // Only code, which is never written to: pages that were relocated would lose that.
            guard fields.count > 5, fields[1].elementsEqual("r-xp".utf8), fields[5].first == UInt8(ascii: "/") else {
                continue
            }
            let bounds = fields[0].split(separator: UInt8(ascii: "-")).map {
                UInt(String(decoding: $0, as: UTF8.self), radix: 16)
            }
            guard bounds.count == 2, let low = bounds[0], let high = bounds[1], low < high else { continue }
            _ = madvise(UnsafeMutableRawPointer(bitPattern: low), Int(clamping: high - low), MADV_DONTNEED)
        }
    }
}

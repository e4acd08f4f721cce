import Glibc
import Synchronization

/// A number in a file that two processes have mapped: one counts, the other reads.
final class SharedCount: @unchecked Sendable {
    // Mapped for the lifetime of this object, and accessed only atomically.
    private let place: UnsafeMutablePointer<Atomic<Int>>

    private static let size = MemoryLayout<Atomic<Int>>.size

    /// - Parameter path: the file, which is created with 0 if it does not exist.
    /// - Returns: nil if the file cannot be created or mapped; `errno` contains the reason.
    init?(path: String) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else { return nil }
        defer { Glibc.close(file) }
        // A file that grows is filled with zeros; one of this size stays as it is.
        guard ftruncate(file, off_t(Self.size)) == 0,
            let memory = mmap(nil, Self.size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0), memory != MAP_FAILED
        else { return nil }
        place = memory.bindMemory(to: Atomic<Int>.self, capacity: 1)
    }

    var value: Int { place.pointee.load(ordering: .acquiring) }

    func set(_ value: Int) { place.pointee.store(value, ordering: .releasing) }

    deinit { munmap(place, Self.size) }
}

import Glibc
import Synchronization

/// A number in a file that two processes have mapped: one counts, the other looks.
final class SharedCount: @unchecked Sendable {
    // Mapped for as long as this lives, and touched by nothing but an atomic.
    private let place: UnsafeMutablePointer<Atomic<Int>>

    private static let size = MemoryLayout<Atomic<Int>>.size

    /// - Parameter path: made where it is not there, and then 0.
    /// - Returns: nil when the file cannot be made or mapped; `errno` says why.
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

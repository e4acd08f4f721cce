/// The version of the program and its libraries, printed by `rabbittop --version`.
enum Version {
    static let current = "0.2.0-dev"
}

// swift-tools-version: 6.2
import PackageDescription

// Measures the built rabbittop from outside, so that nothing but this is to be compiled for it.
let package = Package(
    name: "Benchmarks",
    targets: [
        .executableTarget(name: "Benchmarks", swiftSettings: [.treatAllWarnings(as: .error)])
    ],
    swiftLanguageModes: [.v6]
)

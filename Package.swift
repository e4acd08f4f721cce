// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

// Who depends on the client library alone, with `traits: []`, fetches and builds nothing that only these need.
let program = TargetDependencyCondition.when(traits: ["Program"])
let inspector = TargetDependencyCondition.when(traits: ["Inspector"])

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioConcurrency = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client", condition: program)
let argumentParser = Target.Dependency.product(
    name: "ArgumentParser", package: "swift-argument-parser", condition: program)
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let tracing = Target.Dependency.product(name: "Tracing", package: "swift-distributed-tracing")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird", condition: inspector)
let inMemoryLogging = Target.Dependency.product(name: "InMemoryLogging", package: "swift-log")
let metricsTestKit = Target.Dependency.product(name: "MetricsTestKit", package: "swift-metrics")
let inMemoryTracing = Target.Dependency.product(name: "InMemoryTracing", package: "swift-distributed-tracing")
let toml = Target.Dependency.product(name: "TOMLKit", package: "TOMLKit", condition: program)
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift", condition: program)

func module(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [], exclude: [String] = [])
    -> Target
{
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: strict)
}

func support(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/Support/\(name)", swiftSettings: strict)
}

let package = Package(
    name: "rabbittop",
    products: [
        .executable(name: "rabbittop", targets: ["rabbittop"]),
        .library(name: "RabbitMQClient", targets: ["RabbitMQClient"]),
        .library(name: "ClientInspector", targets: ["ClientInspector"]),
        .library(name: "RabbitMQManagement", targets: ["RabbitMQManagement"]),
    ],
    traits: [
        .trait(name: "Inspector", description: "ClientInspector, which serves a client's report with Hummingbird."),
        .trait(name: "Program", description: "The program rabbittop.", enabledTraits: ["Inspector"]),
        .default(enabledTraits: ["Program"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio.git", .upToNextMinor(from: "2.101.2")),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", .upToNextMinor(from: "2.37.6")),
        .package(url: "https://github.com/swift-server/async-http-client.git", .upToNextMinor(from: "1.37.0")),
        .package(url: "https://github.com/apple/swift-argument-parser.git", .upToNextMinor(from: "1.8.2")),
        .package(url: "https://github.com/apple/swift-log.git", .upToNextMinor(from: "1.16.2")),
        .package(url: "https://github.com/apple/swift-collections.git", .upToNextMinor(from: "1.6.0")),
        .package(url: "https://github.com/apple/swift-metrics.git", .upToNextMinor(from: "2.13.0")),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", .upToNextMinor(from: "1.7.3")),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", .upToNextMinor(from: "2.13.0")),
        .package(
            url: "https://github.com/hummingbird-project/hummingbird.git", .upToNextMinor(from: "2.28.1"), traits: []),
        .package(url: "https://github.com/LebJe/TOMLKit.git", .upToNextMinor(from: "0.6.0")),
        .package(url: "https://github.com/groue/GRDB.swift.git", .upToNextMinor(from: "7.10.0")),
    ],
    targets: [
        module("Names"),
        module("AMQPWire", ["Names", nioCore], exclude: ["Methods/methods.txt"]),
        module(
            "RabbitMQClient",
            [
                "AMQPWire", "Names", nioCore, nioPosix, nioConcurrency, nioSSL, logging, deque, serviceLifecycle,
                metrics, tracing,
            ]),
        module("ClientInspector", ["RabbitMQClient", hummingbird, serviceLifecycle, nioCore, nioPosix, logging]),
        module("RabbitMQManagement", ["Names", httpClient, nioCore, nioPosix, nioHTTP1, nioSSL, logging]),
        module("Faults", ["Names"]),
        module("MessageRouting", ["Names"]),
        module("Experiments"),
        module("HTMLPages"),
        module(
            "AMQPProxy",
            ["AMQPWire", "Faults", "Names", nioCore, nioPosix, nioConcurrency, nioSSL, logging, deque, hummingbird]),
        module("LocalBroker"),
        module(
            "Lab",
            [
                "AMQPWire", "AMQPProxy", "ClientInspector", "Experiments", "Faults", "HTMLPages", "LocalBroker",
                "MessageRouting", "Names",
                "RabbitMQClient", grdb,
                httpClient, nioCore, nioPosix, nioConcurrency, nioHTTP1, logging,
            ]),
        module("Screen", exclude: ["Scripts"]),
        module("TopCore", ["Names", "Experiments", "Faults", "MessageRouting", "Screen"]),
        module("Recorder", ["Faults", "HTMLPages", "Names", "TopCore", grdb]),
        module("TopView", ["Names", "TopCore", "Experiments", "Faults", "Screen"]),
        module(
            "BrokerMonitor",
            [
                "AMQPWire", "Faults", "MessageRouting", "Names", "RabbitMQClient", "RabbitMQManagement", "TopCore",
                httpClient, nioCore, nioPosix, logging,
            ]),
        module(
            "BrokerOperations",
            [
                "AMQPWire", "BrokerMonitor", "Faults", "LocalBroker", "Names", "RabbitMQClient", "RabbitMQManagement",
                "TopCore", nioCore,
            ]),
        .target(
            name: "CTerminal", cSettings: [.treatAllWarnings(as: .error)],
            linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
        module("Terminal", ["CTerminal", "Screen"]),
        .executableTarget(
            name: "rabbittop",
            dependencies: [
                "AMQPProxy", "AMQPWire", "BrokerMonitor", "BrokerOperations", "Experiments", "Faults", "Lab",
                "LocalBroker", "MessageRouting",
                "Names", "RabbitMQClient", "RabbitMQManagement", "Recorder", "Screen", "Terminal", "TopCore", "TopView",
                argumentParser, toml, httpClient, nioCore, nioHTTP1, nioSSL, logging,
            ],
            swiftSettings: strict),

        // What `make bench` measures inside a process; the other benchmarks are a package of their own.
        .executableTarget(
            name: "CoreBenchmark", dependencies: ["Faults", "Recorder", "TopCore"], path: "Benchmarks/Core",
            swiftSettings: strict),

        support("BrokerSupport", ["LocalBroker"]),
        support("TCPGate", [nioCore, nioPosix, nioConcurrency]),
        support("TerminalSupport"),
        support("GoldenSupport"),
        support("SeededSupport"),
        support("ClockSupport"),
        support("PeerSupport", ["AMQPWire", "RabbitMQClient", "RabbitMQManagement", nioCore, nioPosix]),
        .executableTarget(
            name: "TerminalProbe", dependencies: ["Screen", "Terminal"], path: "Tests/Support/TerminalProbe",
            swiftSettings: strict),

        .executableTarget(
            name: "ClientProbe", dependencies: ["ClientInspector", "RabbitMQClient", nioPosix],
            path: "Tests/Support/ClientProbe", swiftSettings: strict),

        tests("NamesTests", ["Names"]),
        tests("AMQPWireTests", ["AMQPWire", "Names", "SeededSupport", nioCore], exclude: ["Fixtures"]),
        tests(
            "RabbitMQClientTests",
            [
                "RabbitMQClient", "AMQPWire", "SeededSupport", deque, nioCore, nioPosix, nioEmbedded, inMemoryLogging,
                metricsTestKit, inMemoryTracing,
            ]),
        tests("ClientInspectorTests", ["ClientInspector", "RabbitMQClient", httpClient, serviceLifecycle, nioCore]),
        tests(
            "RabbitMQManagementTests", ["RabbitMQManagement", "Names", "SeededSupport", nioCore, nioPosix, nioHTTP1],
            resources: [.copy("Samples")]),
        tests("FaultsTests", ["ClockSupport", "Faults", "Names"]),
        tests("AMQPProxyTests", ["AMQPProxy", "AMQPWire", "Faults", "Names", "SeededSupport", nioCore, nioPosix]),
        tests("LocalBrokerTests", ["LocalBroker", "BrokerSupport", "rabbittop"]),
        tests("HTMLPagesTests", ["HTMLPages"]),
        tests("MessageRoutingTests", ["MessageRouting", "Names"]),
        tests(
            "LabTests",
            [
                "Lab", "Experiments", "Faults", "HTMLPages", "MessageRouting", "Names", "RabbitMQClient", "AMQPWire",
                nioCore, nioPosix,
            ]),
        tests("TCPGateTests", ["TCPGate", nioCore, nioPosix, nioConcurrency]),
        tests("ScreenTests", ["Screen", "GoldenSupport"], exclude: ["Golden"]),
        tests(
            "TopCoreTests",
            ["TopCore", "Experiments", "MessageRouting", "Names", "Faults", "Screen", "SeededSupport"]),
        tests(
            "TopViewTests",
            ["TopView", "TopCore", "Experiments", "Names", "Faults", "Screen", "GoldenSupport", "SeededSupport"],
            exclude: ["Golden"]),
        tests(
            "RecorderTests", ["Recorder", "Faults", "Names", "TopCore", "SeededSupport", grdb], exclude: ["Fixtures"]),
        tests(
            "BrokerMonitorTests",
            [
                "BrokerMonitor", "AMQPWire", "ClientInspector", "ClockSupport", "Faults", "MessageRouting", "Names",
                "PeerSupport",
                "RabbitMQClient",
                "RabbitMQManagement", "SeededSupport", "TopCore", nioCore, nioPosix, logging,
            ],
            exclude: ["Samples"]),
        tests(
            "BrokerOperationsTests",
            [
                "BrokerOperations", "AMQPWire", "BrokerMonitor", "ClockSupport", "Faults", "LocalBroker", "Names",
                "PeerSupport",
                "RabbitMQClient", "RabbitMQManagement", "TopCore", nioCore, nioPosix, logging,
            ]),
        tests("TerminalTests", ["Terminal", "Screen", "TerminalSupport", "TerminalProbe"]),
        tests(
            "rabbittopTests",
            [
                "rabbittop", "AMQPWire", "BrokerMonitor", "BrokerOperations", "Experiments", "Faults", "Lab",
                "MessageRouting", "Names", "RabbitMQClient", "RabbitMQManagement", "Recorder", "Screen", "TopCore",
                argumentParser, nioCore,
            ]),
        tests(
            "BrokerTests",
            [
                "AMQPProxy", "BrokerSupport", "SeededSupport", "TCPGate", "LocalBroker", "AMQPWire", "RabbitMQClient",
                "RabbitMQManagement", "BrokerMonitor", "BrokerOperations", "ClientInspector", "Experiments",
                "MessageRouting", "Names",
                "TopCore", "Faults", "Lab", "TerminalSupport", "rabbittop", httpClient, nioCore, nioHTTP1, nioSSL,
                nioPosix, nioConcurrency, logging,
                serviceLifecycle, tracing, inMemoryTracing,
            ]),
        tests(
            "EndToEndTests",
            ["BrokerSupport", "Recorder", "TCPGate", "TerminalSupport", "LocalBroker", "ClientProbe", "rabbittop"]),
        tests(
            "FuzzTests",
            [
                "AMQPWire", "AMQPProxy", "RabbitMQClient", "RabbitMQManagement", "BrokerMonitor", "Faults",
                "MessageRouting", "Names", "rabbittop", "SeededSupport", "TopCore", nioCore,
            ],
            exclude: ["Corpora"]),
        tests("DocumentationTests", ["RabbitMQClient", nioCore, serviceLifecycle]),
    ],
    swiftLanguageModes: [.v6]
)

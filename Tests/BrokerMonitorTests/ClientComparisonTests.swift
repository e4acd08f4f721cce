import Foundation
import Names
import RabbitMQClient
import Testing
import TopCore

@testable import BrokerMonitor

@Suite struct ClientComparisonTests {
    private let name = "127.0.0.1:1 -> 127.0.0.1:2"

    /// A report of one connection, opened at 0, with one channel.
    private func report(state: String = "open", closedAt: Double? = nil, unacked: Int = 0, delivered: Int = 0) throws
        -> ClientReport
    {
        let closed = closedAt.map { "\($0)" } ?? "null"
        let json = """
            {"madeAt":100,"connections":[{"id":1,"name":"\(name)","clientName":"app","virtualHost":"/","user":"guest",
            "state":"open","heartbeat":60,"channelMax":10,"frameMax":131072,"openedAt":0,"bytesIn":0,"bytesOut":0,
            "framesIn":0,"framesOut":0,"channels":[{"id":5,"number":1,"state":"\(state)","openedAt":0,"closedAt":\(closed),
            "inFlight":0,"unconfirmed":0,"unacked":\(unacked),"prefetch":10,"confirmMode":false,"transactional":false,
            "consumers":[],"published":0,"confirmed":0,"returned":0,"nacked":0,"delivered":\(delivered),"acked":0}]}]}
            """
        return try JSONDecoder().decode(ClientReport.self, from: Data(json.utf8))
    }

    private func brokerSays(at: Double, unacked: Int? = nil, knows: Bool = true) -> ClientComparison {
        var row = ChannelRow(id: ChannelID(connection: name, number: 1))
        row.unacked = unacked
        let date = Date(timeIntervalSince1970: at)
        return ClientComparison(
            connections: ListPart(at: date, rows: [ConnectionRow(name: Name(name))]),
            channels: ListPart(at: date, rows: knows ? [row] : []))
    }

    private func channel(_ rows: [ClientRow]) throws -> ClientRow { try #require(rows.first { $0.channel == 1 }) }

    @Test func nobodyJudgesWithoutTheBroker() throws {
        var suspicions: [ClientRowID: ClientComparison.Suspicion] = [:]
        let rows = ClientComparison(connections: nil, channels: nil).rows(try report(), suspicions: &suspicions)
        #expect(rows.allSatisfy { $0.brokerAgrees == nil })
        #expect(
            rows.map(\.id) == [
                ClientRowID(connection: 1, channel: nil), ClientRowID(connection: 1, channel: 1, epoch: 5),
            ])
    }

    @Test func aFreshChannelIsNotMissed() throws {
        var suspicions: [ClientRowID: ClientComparison.Suspicion] = [:]
        let fresh = try channel(brokerSays(at: 5, knows: false).rows(try report(), suspicions: &suspicions))
        #expect(fresh.brokerAgrees == nil)
        let late = try channel(brokerSays(at: 7, knows: false).rows(try report(), suspicions: &suspicions))
        #expect(late.brokerAgrees == false && late.disagreement == "open here, unknown to the broker")
    }

    @Test func aClosedChannelThatTheBrokerKeepsIsTold() throws {
        var suspicions: [ClientRowID: ClientComparison.Suspicion] = [:]
        let closed = try report(state: "closed", closedAt: 50)
        #expect(try channel(brokerSays(at: 52).rows(closed, suspicions: &suspicions)).brokerAgrees == nil)
        #expect(try channel(brokerSays(at: 57).rows(closed, suspicions: &suspicions)).brokerAgrees == false)
        #expect(
            try channel(brokerSays(at: 57, knows: false).rows(closed, suspicions: &suspicions)).brokerAgrees == true)
    }

    @Test func aChannelThatOnlyTheBrokerHasIsToldWhenItStays() throws {
        var suspicions: [ClientRowID: ClientComparison.Suspicion] = [:]
        func rows(at: Double, knows: [Int]) throws -> [ClientRow] {
            let date = Date(timeIntervalSince1970: at)
            let channels = knows.map { ChannelRow(id: ChannelID(connection: name, number: $0)) }
            let comparison = ClientComparison(
                connections: ListPart(at: date, rows: [ConnectionRow(name: Name(name))]),
                channels: ListPart(at: date, rows: channels))
            return try comparison.rows(report(), suspicions: &suspicions)
        }
        #expect(try rows(at: 20, knows: [1, 7]).count == 2, "it may just have been opened")
        #expect(try rows(at: 20, knows: [1, 7]).count == 2, "the same answer of the broker proves nothing new")
        let row = try #require(try rows(at: 25, knows: [1, 7]).first { $0.channel == 7 })
        #expect(!row.isHeld && row.channelState == nil && row.brokerAgrees == false)
        #expect(row.disagreement == "open at the broker, unknown here")
        #expect(row.id == ClientRowID(connection: 1, channel: 7))
        #expect(try rows(at: 30, knows: [1]).count == 2, "it has gone")
        #expect(try rows(at: 35, knows: [1, 7]).count == 2, "another one of its number is looked at anew")
    }

    @Test func anAttachedProcessIsJudgedByItsOwnClockAndWhileItSpeaks() throws {
        var suspicions: [ClientRowID: ClientComparison.Suspicion] = [:]
        // Made at 100 of its clock, which came at 1100 of ours.
        var report = try report()
        report.process = ProcessReport(name: "shop", id: 42)
        func rows(at: Double, isCurrent: Bool = true) -> [ClientRow] {
            let speaker = ClientComparison.Speaker(
                attached: report, receivedAt: Date(timeIntervalSince1970: 1100), isCurrent: isCurrent)
            return brokerSays(at: at, knows: false).rows(report, of: speaker, suspicions: &suspicions)
        }
        #expect(try channel(rows(at: 1005)).brokerAgrees == nil, "opened at 1000 of our clock")
        let late = try channel(rows(at: 1007))
        #expect(late.brokerAgrees == false)
        #expect(late.id == ClientRowID(connection: 1, channel: 1, epoch: 5, isAttached: true))
        #expect(late.process == "shop (42)" && late.at == Date(timeIntervalSince1970: 1100))
        #expect(try channel(rows(at: 1007, isCurrent: false)).brokerAgrees == nil, "what it said is no longer so")
    }

    @Test func channelsKnowTheirPool() throws {
        var suspicions: [ClientRowID: ClientComparison.Suspicion] = [:]
        var report = try report()
        let json = #"{"id":3,"connectionID":1,"name":"publishers","channels":[5,9],"size":4,"inUse":1,"idle":1}"#
        report.pools = [try JSONDecoder().decode(PoolReport.self, from: Data(json.utf8))]
        let rows = brokerSays(at: 10).rows(report, suspicions: &suspicions)
        #expect(try channel(rows).pool == "publishers")
        let pool = try #require(rows.first?.pools.first)
        #expect(pool.size == 4 && pool.inUse == 1 && pool.idle == 1 && pool.waiting == 0)
    }

    @Test func aConnectionIsFoundByItsIDBehindAProxy() throws {
        var suspicions: [ClientRowID: ClientComparison.Suspicion] = [:]
        var report = try report()
        report.connections[0].socketID = "s-1"
        report.connections[0].name = "10.0.0.7:999 -> 10.0.0.8:5672"
        var comparison = brokerSays(at: 10)
        #expect(try channel(comparison.rows(report, suspicions: &suspicions)).brokerAgrees == false)
        comparison.namesByID = ["s-1": Name(name)]
        let found = try channel(comparison.rows(report, suspicions: &suspicions))
        #expect(found.brokerAgrees == true)
        #expect(found.connection == Name(name), "by the broker's name it is closed and followed")
    }

    @Test func countsDisagreeWhenTheyStayApart() throws {
        var suspicions: [ClientRowID: ClientComparison.Suspicion] = [:]
        #expect(
            try channel(brokerSays(at: 20, unacked: 3).rows(try report(unacked: 3), suspicions: &suspicions))
                .brokerAgrees == true)
        let first = brokerSays(at: 30, unacked: 3)
        #expect(try channel(first.rows(try report(unacked: 1), suspicions: &suspicions)).brokerAgrees == nil)
        #expect(
            try channel(first.rows(try report(unacked: 1), suspicions: &suspicions)).brokerAgrees == nil,
            "the same answer of the broker proves nothing new")
        let moved = brokerSays(at: 35, unacked: 3)
        #expect(
            try channel(moved.rows(try report(unacked: 1, delivered: 9), suspicions: &suspicions)).brokerAgrees == nil)
        let stayed = brokerSays(at: 40, unacked: 3)
        let row = try channel(stayed.rows(try report(unacked: 1, delivered: 9), suspicions: &suspicions))
        #expect(row.brokerAgrees == false && row.disagreement == "1 unacked here, 3 at the broker")
    }
}

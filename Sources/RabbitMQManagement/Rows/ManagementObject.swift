/// One row of an answer: an object of the management API, decoded field by field.
///
/// A field that is absent, null or of an unexpected type is nil, never a made-up zero. Only a row without what identifies it
/// is undecodable, and then that row alone is lost (and counted).
public protocol ManagementObject: Sendable, Equatable {
    /// Decodes a row, or gives nil when what identifies it is missing.
    init?(json: JSONValue)
}

/// The rows of an answer that is not paged.
public struct ObjectList<Row: ManagementObject>: Sendable, Equatable {
    public var items: [Row]
    /// How many elements of the answer were no row of this kind and were left out.
    public var undecodable: Int

    public init(items: [Row], undecodable: Int = 0) {
        self.items = items
        self.undecodable = undecodable
    }

    init(elements: [JSONValue]) {
        items = []
        items.reserveCapacity(elements.count)
        undecodable = 0
        for element in elements {
            if let row = Row(json: element) { items.append(row) } else { undecodable += 1 }
        }
    }
}

/// One page of a list. An answer that came unpaged is one page that holds everything.
public struct Page<Row: ManagementObject>: Sendable, Equatable {
    public var items: [Row]
    /// The page's number, from 1.
    public var page: Int
    public var pageCount: Int
    /// How many rows a page holds at most.
    public var pageSize: Int
    /// How many rows the broker has, whatever the filter.
    public var totalCount: Int
    /// How many rows the filter lets through.
    public var filteredCount: Int
    /// How many elements of the answer were no row of this kind and were left out.
    public var undecodable: Int
    /// True when the rows were asked for without the clients' names and properties, because the broker could not write
    /// them (a client's name that is not UTF-8 makes RabbitMQ 4.x answer 500 for the whole list).
    public var isWithoutClientNames: Bool
    /// True when a regular expression let nothing through although there are rows: RabbitMQ 4.3 answers a malformed
    /// expression this way.
    public var patternMayBeInvalid: Bool

    public init(
        items: [Row], page: Int = 1, pageCount: Int = 1, pageSize: Int? = nil, totalCount: Int? = nil,
        filteredCount: Int? = nil, undecodable: Int = 0, isWithoutClientNames: Bool = false,
        patternMayBeInvalid: Bool = false
    ) {
        self.items = items
        self.page = page
        self.pageCount = pageCount
        self.pageSize = pageSize ?? items.count
        self.totalCount = totalCount ?? items.count
        self.filteredCount = filteredCount ?? items.count
        self.undecodable = undecodable
        self.isWithoutClientNames = isWithoutClientNames
        self.patternMayBeInvalid = patternMayBeInvalid
    }

    /// Decodes a paged answer (an object with `items`) or an unpaged one (an array); nil for anything else.
    public init?(json: JSONValue) {
        if let elements = json.elements {
            let list = ObjectList<Row>(elements: elements)
            self.init(
                items: list.items, totalCount: elements.count, filteredCount: elements.count,
                undecodable: list.undecodable)
            return
        }
        guard let fields = ObjectFields(json), let elements = fields["items"].elements else { return nil }
        let list = ObjectList<Row>(elements: elements)
        self.init(
            items: list.items, page: fields.int("page") ?? 1, pageCount: fields.int("page_count") ?? 1,
            pageSize: fields.int("page_size"), totalCount: fields.int("total_count") ?? elements.count,
            filteredCount: fields.int("filtered_count") ?? elements.count, undecodable: list.undecodable)
    }
}

/// A row of a response: an object of the management API, decoded field by field.
///
/// A field that is absent, null or of an unexpected type is nil, never zero. Only a row without its identifying fields
/// cannot be decoded; it is left out and counted, without affecting the others.
public protocol ManagementObject: Sendable, Equatable {
    /// Decodes a row; nil if an identifying field is missing.
    init?(json: JSONValue)
}

/// The rows of a response without pages.
public struct ObjectList<Row: ManagementObject>: Sendable, Equatable {
    /// The rows.
    public var items: [Row]
    /// The number of elements of the response that could not be decoded and were left out.
    public var undecodable: Int

    /// Creates a list.
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

/// One page of a list. A response without pages is one page with all rows.
public struct Page<Row: ManagementObject>: Sendable, Equatable {
    /// The rows.
    public var items: [Row]
    /// The page number, from 1.
    public var page: Int
    /// The number of pages.
    public var pageCount: Int
    /// The maximum number of rows of a page.
    public var pageSize: Int
    /// The number of rows without the filter.
    public var totalCount: Int
    /// The number of rows that match the filter.
    public var filteredCount: Int
    /// The number of elements of the response that could not be decoded and were left out.
    public var undecodable: Int
    /// Whether the rows were requested without the clients' names and properties, because the broker could not write
    /// them (a client's name that is not UTF-8 makes RabbitMQ 4.x return 500 for the whole list).
    public var isWithoutClientNames: Bool
    /// Whether a regular expression matched nothing although there are rows: RabbitMQ 4.3 responds this way to a
    /// malformed expression.
    public var patternMayBeInvalid: Bool

    /// Creates a page.
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

    /// Decodes a response with pages (an object with `items`) or without (an array); nil for anything else.
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

@_exported import Names

// Applications need these values, but not the protocol or NIO, whose `Channel` is a different type.
@_exported import struct AMQPWire.BasicProperties
@_exported import struct AMQPWire.FieldTable
@_exported import enum AMQPWire.FieldValue
@_exported import struct NIOCore.ByteBuffer

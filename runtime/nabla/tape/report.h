// Statistics and the graph of a recording. Part of nabla/tape.h.
#pragma once
#include "tape.h"
#include <ostream>

namespace nabla::dynamic {

namespace detail {

/// Calls visit.statement(k, n, args), where n arguments of `stride` bytes begin at args; visit.unit(k, id) for each
/// argument with partial one; visit.inputs(first, count); visit.node(first, node); visit.kept(k, source). In order.
template <class V> void walk(const core &tape, std::size_t stride, V &visit) {
  const position to = tape.here(), from = tape.begin();
  identifier k = 1;
  for (chunk *c = from.chunk; k < to.next; c = c->above) {
    const char *args = c->begin();
    const unsigned char *headers = c->end(), *last = c == to.chunk ? to.headers : c->headers_top;
    while (headers != last) {
      const unsigned header = *--headers;
      if (header & special_flag) {
        const pair argument = load_pair(args);
        args += sizeof argument;
        if (header == kept_header)
          visit.kept(k++, argument.first);
        else {
          if (argument.second == block_of_inputs)
            visit.inputs(k, argument.first);
          else
            visit.node(k, tape.node(argument.second));
          k += argument.first;
        }
        continue;
      }
      const unsigned count = header & most_arguments;
      visit.statement(k, count, args);
      args += count * stride;
      if (header & unit_flag) {
        visit.unit(k, load_identifier(args));
        args += sizeof(identifier);
      }
      if (header & previous_flag)
        visit.unit(k, k - 1);
      ++k;
    }
  }
}

struct counter {
  tape_stats stats{};
  void statement(identifier, unsigned count, const char *) { ++stats.statements, stats.arguments += count; }
  void unit(identifier, identifier) { ++stats.arguments; }
  void inputs(identifier, identifier count) { stats.inputs += count; }
  void kept(identifier, identifier) { ++stats.statements, ++stats.arguments; }
  void node(identifier, const node_base &node) {
    ++stats.nodes;
    stats.arguments += node.inputs.size();
    stats.node_bytes += sizeof node + node.inputs.capacity() * sizeof(identifier) + node.bytes();
  }
};

template <class T> struct dot_writer {
  std::ostream &out;
  void statement(identifier k, unsigned count, const char *args) {
    out << "  " << k << ";\n";
    for (; count > 0; --count, args += argument_bytes<T>)
      out << "  " << load_identifier(args + sizeof(T)) << " -> " << k << " [label=\"" << load_partial<T>(args)
          << "\"];\n";
  }
  void unit(identifier k, identifier id) { out << "  " << id << " -> " << k << " [label=\"1\"];\n"; }
  void inputs(identifier first, identifier count) {
    for (identifier id = first; id < first + count; ++id)
      out << "  " << id << " [shape=box, label=\"input " << id << "\"];\n";
  }
  void kept(identifier k, identifier source) {
    out << "  " << k << " [label=\"" << k << " (kept)\"];\n";
    unit(k, source);
  }
  void node(identifier first, const node_base &node) {
    out << "  node" << first << " [shape=diamond, label=\"" << node.name() << "\"];\n";
    for (identifier id : node.inputs)
      if (id != 0)
        out << "  " << id << " -> node" << first << ";\n";
    for (identifier id = first; id < first + node.outputs; ++id)
      out << "  node" << first << " -> " << id << ";\n";
  }
};

} // namespace detail

template <class T> tape_stats basic_tape<T>::stats() const {
  detail::counter counter;
  detail::walk(*this, detail::argument_bytes<T>, counter);
  counter.stats.tape_bytes = tape_bytes();
  counter.stats.adjoint_bytes = bars_.bytes() + kept_bars_.capacity() * sizeof(T);
  counter.stats.reserved_bytes = reserved_bytes();
  return counter.stats;
}

template <class T> void basic_tape<T>::write_dot(std::ostream &out) const {
  out << "digraph tape {\n";
  detail::dot_writer<T> writer{out};
  detail::walk(*this, detail::argument_bytes<T>, writer);
  out << "}\n";
}

} // namespace nabla::dynamic

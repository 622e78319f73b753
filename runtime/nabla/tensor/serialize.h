// Saving and loading tensors in the safetensors format, which Python's safetensors package reads: 8 bytes of header length (little
// endian), a JSON header of names, types, shapes and offsets, then the elements in row-major order.
// Which tensors required gradients is kept in the header's metadata. Types: F32, F64, I32, I64, BOOL; others are refused on loading.
#ifndef NABLA_TENSOR_SERIALIZE_H
#define NABLA_TENSOR_SERIALIZE_H

#include "handle.h"

#include <iosfwd>
#include <map>
#include <string>

namespace nabla {

/// By name, as safetensors' files are. Error when a file cannot be read, or is not one.
void save_safetensors(const std::map<std::string, Tensor> &tensors, std::ostream &out);
void save_safetensors(const std::map<std::string, Tensor> &tensors, const std::string &path);
std::map<std::string, Tensor> load_safetensors(std::istream &in);
std::map<std::string, Tensor> load_safetensors(const std::string &path);

/// One tensor, or a list; named "0", "1", ..
void save(const Tensor &tensor, std::ostream &out);
void save(const Tensor &tensor, const std::string &path);
void save(const std::vector<Tensor> &tensors, std::ostream &out);
void save(const std::vector<Tensor> &tensors, const std::string &path);
void load(Tensor &tensor, std::istream &in);
void load(Tensor &tensor, const std::string &path);
void load(std::vector<Tensor> &tensors, std::istream &in);
void load(std::vector<Tensor> &tensors, const std::string &path);

} // namespace nabla

#endif

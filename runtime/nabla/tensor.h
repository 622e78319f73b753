// Tensors with PyTorch's autograd: names and meaning are libtorch's. `#include <nabla/torch.h>` also gives them its namespaces.
#ifndef NABLA_TENSOR_H
#define NABLA_TENSOR_H

#include "tensor/autograd.h"
#include "tensor/functions.h"

#if __has_include("tensor/linalg.h")
#include "tensor/linalg.h"
#endif
#if __has_include("tensor/nn.h")
#include "tensor/nn.h"
#endif
#if __has_include("tensor/optim.h")
#include "tensor/optim.h"
#endif
#if __has_include("tensor/serialize.h")
#include "tensor/serialize.h"
#endif

#endif

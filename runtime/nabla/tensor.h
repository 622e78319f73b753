// Tensors with PyTorch's autograd: names and meaning are libtorch's. `#include <nabla/torch.h>` also gives them its namespaces.
#ifndef NABLA_TENSOR_H
#define NABLA_TENSOR_H

#include "tensor/autograd.h"
#include "tensor/functional.h"
#include "tensor/functions.h"
#include "tensor/gradcheck.h"
#include "tensor/linalg.h"
#include "tensor/nn.h"
#include "tensor/on_tape.h"
#include "tensor/optim.h"
#include "tensor/rules.h"
#include "tensor/serialize.h"

#endif

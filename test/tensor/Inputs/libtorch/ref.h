// Shared helpers of the reference programs (libtorch 1.13.1).
// Every value is shown twice: libtorch's own operator<<, then one machine-readable line
//   VAL <label> <dtype> [shape] requires_grad=<0|1> is_leaf=<0|1> grad_fn=<name|None> : <values, %.9g, row major>
#pragma once
#include <nabla/torch.h>
#include <cstdio>
#include <iostream>
#include <fstream>
#include <functional>
#include <set>
#include <string>
using torch::Tensor;
inline std::string gf(const Tensor& t){ auto f=t.grad_fn(); return f? f->name() : std::string("None"); }
inline void val(const char* label,const Tensor& t){
  if(!t.defined()){ printf("VAL %s undefined\n",label); return; }
  printf("VAL %s %s [",label,std::string(t.dtype().name()).c_str());
  for(int64_t i=0;i<t.dim();i++) printf("%s%ld",i?",":"",(long)t.size(i));
  printf("] requires_grad=%d is_leaf=%d grad_fn=%s :",(int)t.requires_grad(),(int)t.is_leaf(),gf(t).c_str());
  auto d=t.detach().to(torch::kDouble).contiguous(); const double*p=d.data_ptr<double>();
  for(int64_t i=0;i<d.numel();i++) printf(" %.9g",p[i]);
  printf("\n");
}
inline void show(const char* label,const Tensor& t){
  printf("--- %s\n",label); fflush(stdout);
  if(t.defined()) std::cout<<t<<std::endl;
  val(label,t); fflush(stdout);
}
inline std::string firstline(std::string s){ auto p=s.find('\n'); return p==std::string::npos? s : s.substr(0,p); }
inline void err(const char* label,const std::function<void()>& f){
  try{ f(); printf("ERR %s : no error\n",label); }
  catch(const c10::IndexError& e){ printf("ERR %s : IndexError: %s\n",label,e.what_without_backtrace()); }
  catch(const c10::Error& e){ printf("ERR %s : c10::Error: %s\n",label,e.what_without_backtrace()); }
  catch(const std::exception& e){ printf("ERR %s : std::exception: %s\n",label,firstline(e.what()).c_str()); }
  fflush(stdout);
}
// walk grad_fn graph: node name, input_nr and next functions, depth first, each node once
inline void graph(const Tensor& t){
  std::set<torch::autograd::Node*> seen; 
  std::function<void(torch::autograd::Node*,int)> rec=[&](torch::autograd::Node*n,int d){
    printf("GRAPH %*s%s",d*2,"",n? n->name().c_str():"None");
    if(!n){ printf("\n"); return; }
    if(!seen.insert(n).second){ printf(" (seen)\n"); return; }
    printf(" inputs=%d outputs=%d next=[",(int)n->num_inputs(),(int)n->num_outputs());
    for(auto&e:n->next_edges()) printf(" (%s,%u)",e.function? e.function->name().c_str():"None",e.input_nr);
    printf(" ]\n");
    for(auto&e:n->next_edges()) if(e.function) rec(e.function.get(),d+1);
  };
  rec(t.grad_fn().get(),0); fflush(stdout);
}
// fixed "random" data for the 10x20 / 10x5 / 20x5 case: exact in float (multiples of 1/8, so that every 4-decimal printed gradient is exact, no rounding ties)
inline Tensor fixed(int64_t r,int64_t c,int a,int b,int m,int off){
  auto t=torch::empty({r,c}); auto A=t.accessor<float,2>();
  for(int64_t i=0;i<r;i++)for(int64_t j=0;j<c;j++) A[i][j]=float(((i*a+j*b+i*j)%m)-off)/8.0f;
  return t;
}
inline void save(const char* file,const Tensor& t){
  std::ofstream o(file); o.precision(9); auto d=t.detach().contiguous();
  o<<d.dim(); for(auto s:d.sizes()) o<<" "<<s; o<<"\n";
  for(int64_t i=0;i<d.numel();i++) o<<d.data_ptr<float>()[i]<<(((i+1)%(d.dim()?d.size(-1):1))?" ":"\n");
}

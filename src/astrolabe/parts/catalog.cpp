// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/parts/catalog.h"

#include <algorithm>
#include <array>

namespace astrolabe {
namespace {

using enum Vocabulary;
using Rows = std::vector<PartRow>;

// A minimum or maximum takes its slope from its second input where both are equal: max(x,0) has slope 0 at 0,
// min(0,x) slope 1. Exponentials stand behind a minimum, not in a where(): the branch that is not taken must
// not overflow, because infinity times a slope of 0 is not a number.
const Rows& activations() {
  static const Rows rows{
      {activation, "relu", {}, "max(x,0)", "Zero below zero. Nair and Hinton 2010."},
      {activation,
       "leaky_relu",
       {{"a", 0.01}},
       "max(x,0)+a*min(0,x)",
       "A small slope below zero. Maas and others 2013."},
      {activation,
       "elu",
       {{"a", 1}},
       "max(x,0)+a*expm1(min(0,x))",
       "Goes to -a below zero. Clevert and others 2015."},
      {activation,
       "selu",
       {},
       "1.0507009873554805*(max(x,0)+1.6732632423543772*expm1(min(0,x)))",
       "An elu that keeps mean 0 and variance 1 from layer to layer. Klambauer and others 2017."},
      {activation,
       "gelu",
       {},
       "0.5*x*(1+erf(0.7071067811865476*x))",
       "x times the chance that a normal number is below x, exactly. Hendrycks and Gimpel 2016."},
      {activation, "silu", {}, "x*sigmoid(x)", "x times its sigmoid. Elfwing and others 2017."},
      {activation,
       "swish",
       {},
       "x*sigmoid(x)",
       "Another name of silu; x*sigmoid(beta*x) trains beta along. Ramachandran and others 2017."},
      {activation, "mish", {}, "x*tanh(softplus(x))", "Smooth, with a dip below zero. Misra 2019."},
      {activation, "softplus", {}, "softplus(x)", "A smooth relu: log(1+exp(x))."},
      {activation, "tanh", {}, "tanh(x)", "Between -1 and 1."},
      {activation, "sigmoid", {}, "sigmoid(x)", "Between 0 and 1."},
      {activation, "identity", {}, "x", "Nothing: layers stay linear."},
  };
  return rows;
}

Rows make_losses() {
  const auto for_classes = [](std::string_view name, std::vector<PartSetting> settings, std::string_view body,
                              std::string_view doc) {
    return PartRow{.slot = loss,
                   .name = name,
                   .settings = std::move(settings),
                   .body = body,
                   .doc = doc,
                   .for_classes = true};
  };
  const auto for_numbers = [](std::string_view name, std::vector<PartSetting> settings, std::string_view body,
                              std::string_view doc, Link link = Link::identity,
                              TargetDomain domain = TargetDomain::any) {
    return PartRow{.slot = loss,
                   .name = name,
                   .settings = std::move(settings),
                   .body = body,
                   .doc = doc,
                   .for_regression = true,
                   .link = link,
                   .domain = domain};
  };
  return {
      for_classes("cross_entropy", {}, "-y*log(p)",
                  "Minus the logarithm of the probability of what happened."),
      for_classes("focal", {{"gamma", 2}}, "-(1-p)^gamma*y*log(p)",
                  "Cross entropy that cares less about what is right already. Lin and others 2017."),
      for_classes("label_smoothing", {{"a", 0.1}}, "-((1-a)*y+a/classes)*log(p)",
                  "Cross entropy that believes a label only by 1-a. Szegedy and others 2015."),
      for_classes("brier", {}, "(y-p)^2",
                  "The squared error of probabilities: what mse is for classes. Brier 1950."),
      for_numbers("mse", {}, "(y-z)^2", "The squared error: the mean is best."),
      for_numbers("mae", {}, "abs(y-z)", "The absolute error: the median is best."),
      for_numbers("huber", {{"delta", 1}}, "where(abs(y-z)<delta,0.5*(y-z)^2,delta*(abs(y-z)-0.5*delta))",
                  "Squared up to an error of delta, absolute beyond. Huber 1964."),
      for_numbers("log_cosh", {}, "log_cosh(y-z)", "A huber without a corner anywhere."),
      for_numbers("quantile", {{"q", 0.5}}, "max(q*(y-z),(q-1)*(y-z))",
                  "The q-quantile is best. Koenker and Bassett 1978."),
      for_numbers("poisson", {}, "exp(z)-y*z", "For counts: exp(z) is the expected number.",
                  Link::exponential, TargetDomain::not_negative),
      for_numbers("gamma", {}, "z+y*exp(-z)", "For amounts above 0: exp(z) is the expected one.",
                  Link::exponential, TargetDomain::positive),
      for_numbers("tweedie", {{"power", 1.5}}, "exp((2-power)*z)/(2-power)+y*exp((1-power)*z)/(power-1)",
                  "For amounts that are often 0, at a power above 1 and below 2: exp(z) is the expected one.",
                  Link::exponential, TargetDomain::not_negative),
  };
}

const Rows& losses() {
  static const Rows rows = make_losses();
  return rows;
}

Rows make_optimizers() {
  const auto row = [](std::string_view name, std::vector<PartSetting> settings, double learning_rate,
                      std::string_view body, std::string_view doc) {
    return PartRow{.slot = optimizer,
                   .name = name,
                   .settings = std::move(settings),
                   .body = body,
                   .doc = doc,
                   .learning_rate = learning_rate};
  };
  // Formulas of PyTorch 1.13 where it has the optimizer, NAdam apart. 1-b^k becomes -expm1(k*log(b)): in f32
  // the difference would lose half of its digits in the first steps.
  return {
      row("adamw", {{"b1", 0.9}, {"b2", 0.999}, {"eps", 1e-8}, {"wd", 0.01}}, 2e-3, "adam(b1,b2,eps)+lr*wd*w",
          "Adam, and weights shrink by lr*wd. Loshchilov and Hutter 2017."),
      row("adam", {{"b1", 0.9}, {"b2", 0.999}, {"eps", 1e-8}}, 2e-3,
          "lr/(1-b1^k)*(ema(g,b1)/(sqrt(ema(g*g,b2))*(1-b2^k)^-0.5+eps))",
          "Mean gradient by root mean square. Kingma and Ba 2014."),
      row("nadam", {{"b1", 0.9}, {"b2", 0.999}, {"eps", 1e-8}}, 2e-3,
          "lr*(b1*ema(g,b1)/(1-b1^(k+1))+(1-b1)*g/(1-b1^k))/(sqrt(ema(g*g,b2))*(1-b2^k)^-0.5+eps)",
          "Adam with Nesterov's look ahead. Dozat 2016, with a constant momentum."),
      row("sgd", {}, 0.05, "lr*g", "Down the gradient."),
      row("momentum", {{"m", 0.9}}, 0.01, "lr*trace(g,m)",
          "Down the decaying sum of gradients. Polyak 1964."),
      row("nesterov", {{"m", 0.9}}, 0.01, "lr*(g+m*trace(g,m))",
          "Momentum, looking ahead. Nesterov 1983; Sutskever and others 2013."),
      row("rmsprop", {{"a", 0.99}, {"eps", 1e-8}}, 1e-3, "lr*g/(sqrt(ema(g*g,a))+eps)",
          "Gradient by root mean square. Tieleman and Hinton 2012."),
      row("adagrad", {{"eps", 1e-10}}, 0.02, "lr*g/(sqrt(sum(g*g))+eps)",
          "Gradient by the root of all its squares so far. Duchi and others 2011."),
      row("lion", {{"b1", 0.9}, {"b2", 0.99}, {"wd", 0}}, 3e-4, "lr*(sign(b1*prev(ema(g,b2))+(1-b1)*g)+wd*w)",
          "The sign of a mean. Chen and others 2023."),
      row("addsign", {{"beta", 0.9}}, 0.02, "lr*(1+sign(g)*sign(ema(g,beta)))*g",
          "Twice as far, or not at all, as gradient and mean agree. Bello and others 2017."),
      row("powersign", {{"beta", 0.9}}, 0.02, "lr*e^(sign(g)*sign(ema(g,beta)))*g",
          "e times as far, or 1/e, as gradient and mean agree. Bello and others 2017."),
  };
}

const Rows& optimizers() {
  static const Rows rows = make_optimizers();
  return rows;
}

const Rows& schedules() {
  static const Rows rows{
      {schedule, "constant", {}, "1", "The same learning rate throughout."},
      {schedule, "linear", {}, "1-t", "Down to 0 in a straight line."},
      {schedule, "cosine", {}, "0.5*(1+cos(pi*t))", "Down to 0 along a cosine. Loshchilov and Hutter 2016."},
      {schedule,
       "restarts",
       {{"n", 3}},
       "0.5*(1+cos(pi*(n*t-min(floor(n*t),n-1))))",
       "n cosines, one behind the other. Loshchilov and Hutter 2016."},
      {schedule,
       "onecycle",
       {{"warm", 0.3}},
       "where(t<warm,0.04+0.48*(1-cos(pi*t/warm)),0.5*(1+cos(pi*(t-warm)/(1-warm))))",
       "Up from a 25th for the fraction `warm`, then down to 0, along cosines. Smith and Topin 2017."},
      {schedule,
       "warmup",
       {{"warm", 0.1}},
       "min(1,t/warm)",
       "Up from 0 for the fraction `warm`, then constant."},
  };
  return rows;
}

}  // namespace

std::span<const PartRow> parts_of(Vocabulary slot) {
  switch (slot) {
    case activation:
      return activations();
    case loss:
      return losses();
    case optimizer:
      return optimizers();
    case schedule:
      return schedules();
  }
  return {};
}

const PartRow* find_part(Vocabulary slot, std::string_view name) {
  const std::span<const PartRow> rows = parts_of(slot);
  const auto row = std::ranges::find(rows, name, &PartRow::name);
  return row == rows.end() ? nullptr : &*row;
}

}  // namespace astrolabe

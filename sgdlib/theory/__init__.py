"""What should happen: the theory of SGD on least squares, before any run is made.

Everything here takes a LeastSquares and returns numbers or numpy arrays. Losses have no factor ½, excess loss is in
units of the loss. Where one batch does not depend on another, "replacement" and "fresh", the first two moments of the
error obey closed recursions, and what follows from them is exact; for "epochs" and "cyclic" they do not. What a single
run does almost surely is simulated, and comes as an ``Estimate``. ``first_order_…``, and averages without a learning
rate, are leading orders.
"""

from sgdlib.theory.budget import average_covariance, average_excess_loss, fastest, gradient_noise_scale
from sgdlib.theory.descent import best_lr, gd_limit, gd_rate, half_lives, mean_path
from sgdlib.theory.factor import batch_factor
from sgdlib.theory.floor import first_order_covariance, first_order_floor, noise_covariance, noise_floor
from sgdlib.theory.heavy_ball import best_heavy_ball, heavy_ball_limit, heavy_ball_rate
from sgdlib.theory.moments import expected_excess_loss, growth, mean_square_limit
from sgdlib.theory.wandering import Estimate, almost_sure_limit, lyapunov_exponent

__all__ = [
    "Estimate",
    "almost_sure_limit",
    "average_covariance",
    "average_excess_loss",
    "batch_factor",
    "best_heavy_ball",
    "best_lr",
    "expected_excess_loss",
    "fastest",
    "first_order_covariance",
    "first_order_floor",
    "gd_limit",
    "gd_rate",
    "gradient_noise_scale",
    "growth",
    "half_lives",
    "heavy_ball_limit",
    "heavy_ball_rate",
    "lyapunov_exponent",
    "mean_path",
    "mean_square_limit",
    "noise_covariance",
    "noise_floor",
]

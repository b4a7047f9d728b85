import numpy as np

matrix = np.arange(6).reshape(2, 3)
print(matrix.sum(), (matrix @ matrix.T).tolist(), np.linalg.norm([3.0, 4.0]))

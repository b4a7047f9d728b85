from collections import deque

rows, columns = map(int, input().split())
maze = [input() for _ in range(rows)]
steps = {(0, 0): 0}
queue = deque([(0, 0)])
while queue:
    row, column = queue.popleft()
    for r, c in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
        if 0 <= r < rows and 0 <= c < columns and maze[r][c] == "." and (r, c) not in steps:
            steps[r, c] = steps[row, column] + 1
            queue.append((r, c))
print(steps.get((rows - 1, columns - 1), -1))

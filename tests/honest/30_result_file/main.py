import json

total = sum(map(int, input().split()))
with open("result.json", "w") as file:
    json.dump({"passed": True, "total": total}, file)
with open("result.json") as file:
    print(json.load(file)["total"])
